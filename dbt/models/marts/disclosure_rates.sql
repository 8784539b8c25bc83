{{ rates('disclosure') }}
