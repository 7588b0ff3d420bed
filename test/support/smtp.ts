/** A mail server of our own, that takes, refuses or hangs as a test says. */
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface Taken {
  readonly from: string
  readonly to: readonly string[]
  readonly text: string
}

export interface Mailserver {
  readonly port: number
  readonly taken: Taken[]
  close(): Promise<void>
}

/** `data` is called with each message before it is answered: what it throws is the refusal, and it may never end. */
export async function mailserver(
  options: SMTPServerOptions = {}, data: (taken: Taken) => Promise<void> = async () => undefined,
): Promise<Mailserver> {
  const taken: Taken[] = []
  const answer = async (one: Taken, done: (error?: Error | null, message?: string) => void): Promise<void> => {
    const error = await data(one).catch((thrown: Error) => thrown)
    if (error === undefined) taken.push(one)
    done(error ?? null, 'taken')
  }
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'], logger: false, closeTimeout: 10,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const from = session.envelope.mailFrom
        const one = {
          from: from === false ? '' : from.address, to: session.envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString('utf8'),
        }
        void answer(one, done)
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve())
  })
  return {
    port: (server.server.address() as AddressInfo).port,
    taken,
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
    }),
  }
}
