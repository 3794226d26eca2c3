import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const program = resolve(process.env.CHATBOT_BIN ?? '../build/src/app/databricks-chatbot');
const patience = 15_000;

export interface Server {
  url: string;
  /** Signs in once. */
  link: string;
  stop: () => Promise<void>;
  /** Ends the program and starts it again on the same port with the same data. */
  restart: () => Promise<string>;
  kill: () => Promise<void>;
  log: () => string;
}

async function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') found(address.port);
        else failed(new Error('no port'));
      });
    });
  });
}

/** The program's own settings; nothing of the caller's environment leads it to a real workspace. */
function environment(folder: string, model: string, settings: Record<string, string>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(DATABRICKS_|SERVING_|OPENAI_|GENIE_|DATABASE_URL|PG)/.test(name),
  );
  const [first = '', ...others] = model.split(',');
  return {
    ...Object.fromEntries(kept),
    DATABASE_URL: `sqlite:${join(folder, 'chat.db')}`,
    SIGNED_OUT: '1',
    RATE_LIMIT_PER_MINUTE: '0',
    AUTO_TITLE: 'false',
    ...(first === '' ? {} : { SERVING_ENDPOINT_NAME: first }),
    ...(others.length === 0 ? {} : { SERVING_ENDPOINTS: others.join(',') }),
    ...settings,
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((done) => {
    child.once('exit', () => {
      done();
    });
  });
}

interface Running {
  child: ChildProcess;
  link: string;
}

/** Starts the program and waits for its sign-in link. */
async function launch(port: number, folder: string, settings: NodeJS.ProcessEnv, output: string[]): Promise<Running> {
  const script = program.endsWith('.mjs');
  const child = spawn(script ? process.execPath : program, [...(script ? [program] : []), '--port', String(port)], {
    cwd: folder,
    env: settings,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((started, failed) => {
    let seen = '';
    const timer = setTimeout(() => {
      failed(new Error(`no sign-in link within ${patience} ms:\n${seen}`));
    }, patience);
    const read = (part: Buffer) => {
      output.push(part.toString());
      seen += part.toString();
      const link = /https?:\/\/\S*\/chat-api\/signin\?token=[^\s"']+/.exec(seen)?.[0];
      if (link === undefined) return;
      clearTimeout(timer);
      started({ child, link });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', failed);
    child.once('exit', (code) => {
      failed(new Error(`the program ended with ${String(code)}:\n${seen}`));
    });
  });
}

/** Puts chats into the program's database, as an export tells them, before it runs. */
async function importChats(folder: string, env: NodeJS.ProcessEnv, chats: readonly object[]): Promise<void> {
  const file = join(folder, 'chats.json');
  const lines = chats.map((chat) => JSON.stringify(chat)).join(',\n');
  await writeFile(file, `{"format":"databricks-chatbot-export","version":1,"chats":[\n${lines}\n]}\n`);
  await promisify(execFile)(program, ['import', file, '--user', 'local'], { cwd: folder, env });
}

/**
 * Starts the program in demo mode; the emulator's model may be named, also one with a fault, other
 * settings, and chats that are there already.
 */
export async function startServer(
  model = '',
  settings: Record<string, string> = {},
  chats: readonly object[] = [],
): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'chatbot-e2e-'));
  const port = await freePort();
  const output: string[] = [];
  const env = environment(folder, model, settings);
  let running = await launch(port, folder, env, output);
  if (chats.length > 0) {
    // The first start has made the tables.
    running.child.kill('SIGTERM');
    await ended(running.child);
    await importChats(folder, env, chats);
    running = await launch(port, folder, env, output);
  }
  const kill = async () => {
    running.child.kill('SIGKILL');
    await ended(running.child);
  };
  return {
    url: new URL(running.link).origin,
    link: running.link,
    kill,
    restart: async () => {
      await kill();
      running = await launch(port, folder, env, output);
      return running.link;
    },
    stop: async () => {
      running.child.kill('SIGTERM');
      const timer = setTimeout(() => running.child.kill('SIGKILL'), 3000);
      await ended(running.child);
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
    },
    log: () => output.join(''),
  };
}
