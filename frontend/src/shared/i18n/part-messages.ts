/** Texts of what is fetched only when a reply has it. */
export const partText = {
  tool: {
    unnamed: 'A tool',
    arguments: 'Arguments',
    result: 'Result',
    of: (what: string, tool: string) => `${what} of ${tool}`,
    cut: 'The result was longer; this is its beginning.',
    none: 'Nothing',
    status: { running: 'Running…', done: 'Done', failed: 'Failed', unanswered: 'Not run' },
    unanswered: 'The model asked for this tool, but nothing here runs it.',
    login: (connection: string) => `This tool needs you to sign in to “${connection}” first. Then ask again.`,
    signIn: (connection: string) => `Sign in to ${connection}`,
  },
  approval: {
    unnamedServer: 'the agent',
    may: (tool: string, server: string) => `May ${server} use ${tool}?`,
    arguments: 'It would be called with',
    allow: 'Allow',
    deny: 'Deny',
    approved: 'You allowed this.',
    denied: 'You denied this.',
    late: 'This was not answered before the chat went on.',
    region: (tool: string) => `Permission to use ${tool}`,
  },
};
