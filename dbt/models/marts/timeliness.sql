{{ rates('timeliness') }}
