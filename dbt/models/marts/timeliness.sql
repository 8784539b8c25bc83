{{ rates(ref('obligations'), "measure = 'timeliness'") }}
