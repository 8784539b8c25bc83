{{ rates(ref('obligations'), "measure = 'disclosure'") }}
