/** One TLS handshake, to see what a server offers and which certificate it shows. */
import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { TlsRequest, TlsSeen } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import { createGuard } from './network-guard.ts'

interface Settings {
  /** Hosts and networks that may be reached though they are private (`network.allow`). */
  readonly allow: readonly string[]
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: readonly string[]
  /** Why nothing may be asked, where it may not: an untrusted workspace. */
  readonly refused?: () => Promise<string | null>
}

/** Shakes hands, as `Reader.tls` promises. */
export function createTls({ allow, ca, refused }: Settings): (request: TlsRequest) => Promise<TlsSeen> {
  const guard = createGuard(allow)
  return async (asked) => {
    const why = (await refused?.()) ?? null
    if (why !== null) {
      throw new OnboardError('forbidden', 'untrusted', `${asked.host} was not asked: ${why}`, {
        suggestions: ['onboard trust'],
      })
    }
    return handshake(asked, (await guard(asked.host)).address, ca)
  }
}

/** Errors of our own library, which then offered nothing: the other side has said nothing about the version. */
const LOCAL = /no protocols available|no ciphers available|ERR_TLS_INVALID_PROTOCOL|no suitable/i

function handshake(
  { host, port, timeout_ms, version }: TlsRequest, address: string, ca: readonly string[] | undefined,
): Promise<TlsSeen> {
  return new Promise((resolve, reject) => {
    const name = host.replace(/^\[|\]$/g, '')
    const socket = connect({
      host: address, port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'],
      // An address has no name to ask for; Node then compares the address with the certificate.
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ...(ca === undefined ? {} : { ca: [...ca] }),
      // Without the lower level Node itself would refuse what is old, and the server would be praised for it.
      ...(version === undefined ? {} : { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' }),
    })
    let open = false
    const late = Object.assign(new Error(`no answer within ${timeout_ms / 1000} s`), { code: 'ETIMEDOUT' })
    const timer = setTimeout(() => socket.destroy(late), timeout_ms)
    socket.once('connect', () => (open = true))
    socket.once('error', (error: Error & { code?: string }) => {
      clearTimeout(timer)
      // A port that is not there says nothing about versions; an alert on an open connection does.
      if (open && error !== late) {
        resolve({ connected: false, reason: error.message, local: LOCAL.test(`${error.code} ${error.message}`) })
        return
      }
      const message = `${host}:${port} cannot be reached: ${error.message}`
      reject(new OnboardError('unreachable', 'no-answer', message, { cause: error }))
    })
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      const { valid_from, valid_to } = socket.getPeerCertificate()
      const problem = socket.authorized ? null : String(socket.authorizationError)
      const version = socket.getProtocol() ?? ''
      socket.destroy()
      resolve({
        connected: true, version, problem, valid_from: new Date(valid_from).toISOString(),
        valid_to: new Date(valid_to).toISOString(),
      })
    })
  })
}
