/** A chat of so many messages, as an export tells it; each says which one it is. */
export function longChat(sessionId: string, count: number): object {
  const begun = Date.UTC(2026, 0, 1);
  const idOf = (index: number) => `${sessionId}-${index}`;
  const messages = Array.from({ length: count }, (_, index) => {
    const at = new Date(begun + index * 1000).toISOString();
    const asked = index % 2 === 0;
    return {
      message_id: idOf(index),
      role: asked ? 'user' : 'assistant',
      parent_id: index === 0 ? null : idOf(index - 1),
      parent_variant: 1,
      created_at: at,
      shown: 1,
      variants: [
        {
          variant: 1,
          content: asked ? `Question ${index}` : answer(index),
          status: 'complete',
          model: asked ? null : 'model',
          timestamp: at,
        },
      ],
    };
  });
  return { session_id: sessionId, title: `${count} messages`, first_query: 'Question 0', messages };
}

/** Of different heights, some with what is only measured when it is seen. */
function answer(index: number): string {
  const words = `Answer ${index} names **landmark${index}** among others. `;
  const paragraphs = Array.from(
    { length: 1 + (index % 5) },
    (_, at) => `${words}${'So it goes on and on. '.repeat(at * 3)}`,
  );
  if (index % 7 === 0) paragraphs.push('| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |');
  if (index % 9 === 0) paragraphs.push('```js\nconst n = 1;\nconsole.log(n);\n```');
  return paragraphs.join('\n\n');
}
