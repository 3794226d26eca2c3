/** A reply with everything that Markdown can hold here. */
export const richReply = `## Housing risk, in short

Prices rose by **4.2 %** while *incomes* stood still; see [the report](https://example.org/report) and the note[^1]. Inline \`code\`, ~~old~~ news, and $E = mc^2$ within a sentence that costs $20.

| Region | Clients | Revenue | Note |
|:--|--:|--:|:--|
| Europe | 382 | €518,224.65 | the largest |
| Asia | 9 | €1,200 | new |
| Africa | 154 | –€270,847.38 | under review, with a rather long remark that makes the table wide |

- [x] read the data
- [ ] ask for the rest
  1. first
  2. second

> A quotation with \`code\` and a [link](https://example.org).

\`\`\`python
def share(rent: float, income: float) -> float:
    """How much of the income the rent takes."""
    if income <= 0:
        raise ValueError("no income")
    return rent / income  # a long line that goes on and on, beyond the edge of any narrow screen, so that it scrolls
\`\`\`

\\[
\\text{risk} = \\sum_{i=1}^{n} \\frac{w_i\\,x_i}{\\sqrt{1 + \\sigma_i^2}} + \\int_0^1 f(t)\\,dt + \\left(\\alpha + \\beta + \\gamma + \\delta + \\epsilon\\right)^2 - \\prod_{k=1}^{m} \\left(1 - p_k\\right)
\\]

\`\`\`mermaid
flowchart LR
  A[Ask] --> B{Known?}
  B -->|yes| C[Answer]
  B -->|no| D[Look it up]
\`\`\`

![A chart](https://example.org/chart.png)

\`\`\`text
${Array.from({ length: 50 }, (_, index) => `line ${index + 1}`).join('\n')}
\`\`\`

[^1]: From the survey of 2026.
`;
