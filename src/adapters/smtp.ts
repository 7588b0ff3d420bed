/** Hands one message to an SMTP server, and knows afterwards whether it was taken, refused, or that nobody can know. */
import { isIP } from 'node:net'
import { Readable } from 'node:stream'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { OnboardError } from '../errors.ts'

export interface Server {
  readonly host: string
  readonly port: number
  readonly security: 'starttls' | 'tls' | 'none'
  readonly login?: { readonly user: string; readonly password: string } | undefined
  readonly timeout_ms: number
}

interface Envelope {
  readonly from: string
  readonly to: readonly string[]
}

type Trouble = Error & {
  readonly code?: string
  readonly command?: string
  readonly responseCode?: number
  readonly response?: string
}

/**
 * @throws OnboardError (unreachable) where the server was not reached or gave no answer in time, (failed,
 * `mail-refused`) where it refused: in both cases nothing was sent. (waiting, `mail-unknown`) where it was given the
 * message and did not say what became of it. CUSTOMER in suggestions stands for the onboarding. `within_ms`: how long
 * the whole may take, of which one answer may take the server's own limit.
 */
export async function deliver(
  server: Server, envelope: Envelope, message: Buffer, within_ms: number = server.timeout_ms * 4,
): Promise<{ response: string; refused: string[] }> {
  const { host, port, security, login } = server
  const timeout_ms = Math.min(server.timeout_ms, within_ms)
  if (security === 'none' && !isLoopback(host)) {
    throw new OnboardError(
      'invalid', 'mail-unencrypted',
      `mail to ${host}:${port} would not be encrypted: security: none is for a server on this machine`,
    )
  }
  const connection = new SMTPConnection({
    host, port, secure: security === 'tls', requireTLS: security === 'starttls', ignoreTLS: security === 'none',
    connectionTimeout: timeout_ms, greetingTimeout: timeout_ms, socketTimeout: timeout_ms, dnsTimeout: timeout_ms,
    allowInternalNetworkInterfaces: true,
  })
  // What goes wrong after the answer is nobody's concern any more.
  connection.on('error', () => undefined)
  let given = false
  const content = Readable.from((function* () {
    given = true // read only once the server has said that it takes the message
    yield message
  })())
  const at = `the mail server ${host}:${port}`
  try {
    return await within(within_ms, async () => {
      await step(connection, (done) => connection.connect(done))
      if (login) {
        const credentials = { user: login.user, pass: login.password }
        await step(connection, (done) => connection.login({ ...credentials, credentials }, done))
      }
      const info = await new Promise<{ response: string; rejected: string[] }>((resolve, reject) => {
        connection.once('error', reject)
        connection.send({ from: envelope.from, to: [...envelope.to], size: message.length }, content, (error, sent) =>
          error ? reject(error) : resolve({
            response: String(sent?.response ?? ''), rejected: (sent?.rejected ?? []).map(String),
          }))
      })
      connection.quit()
      return { response: info.response, refused: info.rejected }
    })
  } catch (error) {
    throw troubleOf(error as Trouble, at, given, timeout_ms)
  } finally {
    connection.close()
  }
}

function troubleOf(error: Trouble, at: string, given: boolean, timeout: number): OnboardError {
  const said = plain(error.response ?? error.message)
  const again = ['onboard apply CUSTOMER']
  const encrypted = error.code === 'ETLS' || /certificate|self-signed|STARTTLS|SSL|TLS/i.test(error.message)
  if (error.responseCode !== undefined && error.responseCode >= 400 && error.code !== 'ETLS') {
    const stage = stageOf(error.command)
    const who = stage === SIGN_IN ? ' (it is mail.smtp of onboard.config.yaml that says who signs in)' : ''
    return new OnboardError('failed', 'mail-refused', `${at} refused ${stage}: ${said}; nothing was sent${who}`, {
      cause: error, suggestions: stage === RECIPIENTS ? ['onboard contact list CUSTOMER', ...again] : again,
    })
  }
  if (given) {
    return new OnboardError(
      'waiting', 'mail-unknown', `${at} was given the mail and did not say whether it took it: ${said}`,
      { cause: error },
    )
  }
  const late = error.code === 'ETIMEDOUT' ? `gave no answer within ${Math.ceil(timeout / 100) / 10} s` : undefined
  const why = encrypted ? 'is not spoken to without encryption that can be trusted' : 'cannot be reached'
  const how = late ?? `${why}: ${said}`
  return new OnboardError(
    'unreachable', encrypted ? 'mail-tls' : 'mail-unreachable', `${at} ${how}; nothing was sent`,
    { cause: error, suggestions: again },
  )
}

const SIGN_IN = 'the sign-in'
const RECIPIENTS = 'the recipients'

function stageOf(command: string | undefined): string {
  if (command?.startsWith('AUTH')) return SIGN_IN
  if (command === 'MAIL FROM') return 'the sender'
  if (command === 'RCPT TO') return RECIPIENTS
  return 'the mail'
}

/** What a server says, as one line without what a terminal would act on. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim().slice(0, 300)
}

function step(connection: SMTPConnection, work: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.once('error', reject)
    work((error) => (error ? reject(error) : resolve()))
  })
}

/** A server that keeps on answering something is not waited for for ever. */
async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('it took too long'), { code: 'ETIMEDOUT' })), ms)
  })
  return Promise.race([work(), late]).finally(() => clearTimeout(timer))
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
