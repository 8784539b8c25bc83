with consultations as (
    select
        channels.source_id,
        sum(channels.consultations) as consultations,
        sum(channels.consultations) filter (where channels.channel = '现场') as consultations_onsite,
        sum(channels.consultations) filter (where channels.channel = '电话') as consultations_phone,
        sum(channels.consultations) filter (where channels.channel = '网上') as consultations_online
    from {{ ref('consultations_by_channel') }} as channels
    {{ of_the_year_of_the_report('channels.source_id', 'channels.year') }}
    group by channels.source_id
)

{{ figures('CONSULTATION', 'consultations', ['consultations', 'consultations_onsite', 'consultations_phone', 'consultations_online']) }}
