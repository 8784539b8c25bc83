{#- The last day of so many months from a day: that of the same number, or the last of a shorter month (民法典 §202). -#}
{% macro last_day_of_months(day, months) -%} cast({{ day }} + to_months({{ months }}) as date) {%- endmacro %}

{#- Whether the points of a notice count on a day: it was issued, has not expired and, where a window is given, lies in it. -#}
{% macro counts_on(notice, day, window_months) -%}
    {{ notice }}.effect <> 'revoked'
    and {{ notice }}.points is not null
    and {{ notice }}.issued_on <= {{ day }}
    and {{ notice }}.expires_on >= {{ day }}
    and ({{ window_months }} is null or {{ last_day_of_months(notice ~ '.issued_on', window_months) }} >= {{ day }})
{%- endmacro %}

{#- Whether a notice that lacks its points or a date may count on a day, as far as the rest of it says. -#}
{% macro may_count_on(notice, day, window_months) -%}
    {{ notice }}.effect <> 'revoked'
    and ({{ notice }}.points is null or {{ notice }}.issued_on is null or {{ notice }}.expires_on is null)
    and coalesce({{ notice }}.issued_on <= {{ day }}, true)
    and coalesce({{ notice }}.expires_on >= {{ day }}, true)
    and coalesce({{ last_day_of_months(notice ~ '.issued_on', window_months) }} >= {{ day }}, true)
{%- endmacro %}

{#- Whether points reach a threshold: what may be missing from them can only bring them up to it. -#}
{% macro reaches(points, threshold, may_lack) -%}
    case
        when {{ points }} is null or {{ threshold }} is null then null
        when {{ points }} >= {{ threshold }} then true
        when {{ may_lack }} then null
        else false
    end
{%- endmacro %}
