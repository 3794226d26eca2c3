export const short = 'A **short** reply, with `code` and a [link](https://example.org).';

export const sample = `Here is how the four kinds of housing risk compare, and a query that finds them.

## What to look at

| Risk | Measure | Weight |
|:--|:--|--:|
| Affordability | rent ÷ income | 0.40 |
| Overcrowding | people per bedroom | 0.25 |
| Tenure | months left on the lease | 0.20 |
| Condition | open repairs | 0.15 |

The weights follow from *last year's* outcomes; they are **not** a forecast for one household. ~~Age of the building~~ was dropped.

\`\`\`sql
-- Households whose rent takes more than 40 % of income
SELECT h.household_id,
       h.region,
       ROUND(h.rent / NULLIF(h.income, 0), 2) AS rent_share
FROM   main.housing.households AS h
WHERE  h.rent / NULLIF(h.income, 0) > 0.40
ORDER  BY rent_share DESC
LIMIT  100;
\`\`\`

Then, in order:

1. Check that \`income\` is yearly, not monthly.
2. Join the repairs:
   - only those that are open,
   - only those reported twice.
3. Review by hand what scores above 0.8.

- [x] Weights agreed
- [ ] Thresholds agreed

> A score says where to look first. It does not say what is true.

See the [handbook](https://example.org/handbook)[^1] for the definitions.

[^1]: Chapter 3, "Measures".
`;
