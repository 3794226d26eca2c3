import { connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  port: number;
  /** Breaks every connection and lets none in. */
  cut: () => void;
  mend: () => void;
  close: () => void;
}

export interface Wear {
  /** So many bytes of an event stream pass before its connection breaks; asked for each. */
  bytes?: () => number;
  /** So long an event stream lasts. */
  milliseconds?: number;
}

/** Breaks event streams, and only those, as some proxies do. */
function wearOut(near: Socket, far: Socket, wear: Wear): void {
  let left = Infinity;
  far.on('data', (chunk) => {
    const head = chunk.subarray(0, 1000).toString('latin1');
    // A connection may have other answers before and after the stream.
    if (head.startsWith('HTTP/1.1 ')) {
      const streams = /content-type: text\/event-stream/i.test(head);
      left = streams ? (wear.bytes?.() ?? Infinity) : Infinity;
      if (streams && wear.milliseconds !== undefined) setTimeout(() => far.destroy(), wear.milliseconds);
    }
    near.write(chunk.subarray(0, Math.min(left, chunk.length)));
    left -= chunk.length;
    if (left > 0) return;
    far.pause();
    // A browser throws away what it has not handed on when the connection breaks.
    setTimeout(() => {
      far.destroy();
      near.destroySoon();
    }, 50);
  });
  far.on('close', () => near.destroySoon());
}

/** A wire between browser and server that a test can cut. */
export async function startProxy(target: number, wear: Wear | null = null): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let broken = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (broken) {
      near.destroy();
      return;
    }
    const far = connect(target, '127.0.0.1');
    keep(far);
    near.pipe(far);
    if (wear === null) far.pipe(near);
    else wearOut(near, far, wear);
  });
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  const address = server.address();
  const cut = () => {
    broken = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    cut,
    mend: () => {
      broken = false;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
