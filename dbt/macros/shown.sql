{#-
Whether records show that a share is reached: true, false, or null where they are too few. They are counted, not sampled, so what is counted is compared in integers;
but of a few records one more decides, and they show nothing about how the county pushes. Too few are fewer than a faultless record would need for the lower bound of
the exact (Clopper-Pearson) one-sided interval to reach the share: 149 for 98 of 100 at 95 %. Even then the answer is no when the whole interval lies below the share.
-#}
{% macro shows_share(kept, judged, least, confidence, of=100) -%}
    case
        when coalesce({{ judged }}, 0) = 0 then null
        when {{ judged }} >= ceil(ln(1 - {{ confidence }} / 100.0) / ln({{ least }} * 1.0 / {{ of }})) then {{ of }} * {{ kept }} >= {{ least }} * {{ judged }}
        when {{ binomial_tail(kept, judged, '(' ~ least ~ ' * 1.0 / ' ~ of ~ ')') }} < 1 - {{ confidence }} / 100.0 then false
    end
{%- endmacro %}

{#- The probability of at most `kept` of `judged` when each is kept with this probability. -#}
{% macro binomial_tail(kept, judged, probability) -%}
    {{ return(adapter.dispatch('binomial_tail', 'gongkai')(kept, judged, probability)) }}
{%- endmacro %}
{% macro default__binomial_tail(kept, judged, probability) -%}
    list_sum(list_transform(
        range(0, {{ kept }} + 1),
        lambda i: exp(
            lgamma({{ judged }} + 1) - lgamma(i + 1) - lgamma({{ judged }} - i + 1)
            + i * ln({{ probability }}) + ({{ judged }} - i) * ln(1 - {{ probability }}))))
{%- endmacro %}
