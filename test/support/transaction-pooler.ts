import net from 'node:net'
import path from 'node:path'
import type { AddressInfo } from 'node:net'

interface Backend {
  readonly socket: net.Socket
  serves: net.Socket | undefined
}

const READY = 'Z'.charCodeAt(0)
const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
const int32 = (...values: number[]): Buffer => Buffer.concat(values.map((value) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}))

/**
 * A transaction pooler as small as can be: between transactions a connection has no server process, and takes the one
 * that was given back last. The server behind must ask for no password.
 * @param socket path of the server's socket
 * @returns the port on 127.0.0.1, and how to end it
 */
export async function transactionPooler(socket: string): Promise<{ port: number; close(): Promise<void> }> {
  const idle: Backend[] = []
  const sockets = new Set<net.Socket>()

  async function backend(startup: Buffer): Promise<Backend> {
    const ready = idle.pop()
    if (ready) return ready
    const made: Backend = { socket: net.connect(socket), serves: undefined }
    sockets.add(made.socket)
    made.socket.on('error', () => {})
    made.socket.write(startup)
    await new Promise<void>((resolve) => eachMessage(made.socket, (whole) => {
      if (whole[0] === READY) resolve()
      made.serves?.write(whole)
      if (whole[0] === READY && whole[5] === 'I'.charCodeAt(0) && made.serves) {
        made.serves = undefined
        idle.push(made)
      }
    }))
    return made
  }

  const server = net.createServer((client) => {
    sockets.add(client)
    client.on('error', () => {})
    let startup: Buffer | undefined
    let current: Promise<Backend> | undefined
    client.on('data', (bytes) => {
      if (!startup) {
        startup = bytes
        client.write(Buffer.concat([message('R', int32(0)), message('K', int32(1, 1)), message('Z', Buffer.from('I'))]))
        return
      }
      if (bytes[0] === 'X'.charCodeAt(0)) return void client.end()
      const first = startup
      const before = current
      current = (async () => {
        const known = await before
        const taken = known?.serves === client ? known : await backend(first)
        taken.serves = client
        taken.socket.write(bytes)
        return taken
      })()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const open of sockets) open.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function eachMessage(from: net.Socket, take: (whole: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  from.on('data', (bytes) => {
    rest = Buffer.concat([rest, bytes])
    while (rest.length >= 5 && rest.length >= rest.readInt32BE(1) + 1) {
      const length = rest.readInt32BE(1) + 1
      take(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
  })
}

/** Path of the socket in a folder as PostgreSQL names it. */
export const socketIn = (folder: string, port = 5432): string => path.join(folder, `.s.PGSQL.${port}`)
