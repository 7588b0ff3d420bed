/** Starting and ending the gateway for a command. */
import type { FastifyInstance } from 'fastify'
import type { Pool } from '../database/pool.ts'
import { OnboardError } from '../errors.ts'
import type { GatewaySettings } from '../gateway/server.ts'
import type { Passwords } from '../identity/accounts/password-login.ts'
import type { Seal } from '../identity/seal.ts'
import type { Context } from './context.ts'
import { readFileOnce } from './source.ts'

interface Chosen {
  readonly host: string
  readonly port: number
  readonly publicUrl: string | null
  readonly trustedProxies: readonly string[]
  readonly cert: string | null
  readonly key: string | null
  readonly connections: number
  readonly loginsPerMinute: number
  readonly scimPerMinute?: number
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/

/**
 * The gateway over the workspace's database. Throws usage where tokens would travel unencrypted,
 * waiting where there is no reference product.
 */
export async function gatewaySettings(context: Context, chosen: Chosen): Promise<FastifyInstance> {
  const { cert, key, publicUrl, trustedProxies, host, connections, loginsPerMinute, scimPerMinute } = chosen
  if (cert === null && trustedProxies.length === 0 && !LOOPBACK.test(host)) {
    const message = `Listening on ${host} without a certificate would send tokens in the clear: `
      + 'give --cert and --key, or name the proxy that encrypts by --trust-proxy.'
    throw new OnboardError('usage', 'unencrypted', message, { suggestions: ['onboard serve --help'] })
  }
  if (publicUrl !== null && !/^https?:\/\/[^/?#]+$/.test(publicUrl)) {
    throw new OnboardError(
      'usage', 'bad-url', `--public-url ${publicUrl} is not an origin such as https://app.vendor.example`,
    )
  }
  const { product, vendor } = await context.config()
  if (product.form !== 'reference') {
    throw new OnboardError(
      'waiting', 'capability-unavailable',
      "The gateway serves the reference product's tables; yours are mapped, and your own server answers for them.",
    )
  }
  const tls = cert === null || key === null ? null : {
    cert: await readFileOnce(context.path(cert), cert), key: await readFileOnce(context.path(key), key),
  }
  const [{ createGateway }, { createPool }] = await Promise.all([
    import('../gateway/server.ts'), import('../database/pool.ts'),
  ])
  const pool = createPool(await context.database(), 'app', connections)
  context.closeLater(pool)
  const log = { write: (line: string) => void context.io.stderr.write(line) }
  const [seal, { fetch, mail }, passwords] = await Promise.all([
    sealOrNone(context), outside(context), passwordsOf(context, pool),
  ])
  return createGateway({
    database: pool, schema: product.schema ?? 'public', publicUrl, appUrl: vendor.app_url, trustedProxies, tls, log,
    seal, fetch, mail, passwords, loginsPerMinute, ...(scimPerMinute === undefined ? {} : { scimPerMinute }),
  })
}

/** Without a key the gateway does what needs none, and says so where one is needed. */
async function sealOrNone(context: Context): Promise<Seal | null> {
  const { sealOf } = await import('./sealing-key.ts')
  return sealOf(context).catch((error: unknown) => {
    if (error instanceof OnboardError && error.code === 'no-sealing-key') return null
    throw error
  })
}

/** The network and the postbox, as steps have them. */
async function outside(context: Context): Promise<Required<Pick<GatewaySettings, 'fetch' | 'mail'>>> {
  const { http, postbox } = await context.outside()
  return {
    fetch: http ?? null,
    mail: postbox === undefined ? null : async (letter) => void (await (await postbox()).send(letter)),
  }
}

async function passwordsOf(context: Context, pool: Pool): Promise<Passwords> {
  const { bcryptCost, createPasswords } = await import('../product/password.ts')
  const [clock] = await pool.query<{ simulated: boolean }>(
    'SELECT simulated IS NOT NULL AS simulated FROM onboard.clock',
  )
  return createPasswords(bcryptCost(clock?.simulated === true, context.io.env['ONBOARD_BCRYPT_COST']))
}

/** What this gateway will not do until something is set, a sentence for each. */
export async function gaps(
  context: Context, app: FastifyInstance, { host, publicUrl }: Pick<Chosen, 'host' | 'publicUrl'>,
): Promise<readonly string[]> {
  const [distrust, { mail, vendor }] = [await context.distrust(), await context.config()]
  return [
    ...(app.gateway.seal !== null ? [] : [
      'Without a sealing key (ONBOARD_SEALING_KEY_FILE) it takes no second factors and no client secrets.',
    ]),
    ...(publicUrl !== null || LOOPBACK.test(host) ? [] : [
      `Single sign-on and links in mails are for ${new URL(vendor.app_url).origin} (vendor.app_url of the config); `
        + '--public-url names another address.',
    ]),
    ...(distrust === null ? [] : [
      `It asks no identity provider${mail === undefined ? '' : ' and sends no mail'}: ${distrust}.`,
    ]),
  ]
}

/** Where people sign in: under the name that they and their providers were told, where it is this very address. */
export function addressFor(listening: string, publicUrl: string | null, appUrl: string | null): string {
  const told = new URL(appUrl ?? listening)
  const here = new URL(listening)
  const isSame = [told, here].every(({ hostname }) => LOOPBACK.test(hostname))
    && told.port === here.port && told.protocol === here.protocol
  return publicUrl ?? (isSame ? told.origin : listening)
}

/** Why an address cannot be listened on, by the system's code. */
const WHY_NOT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there',
  EACCES: 'this user may not',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
}

/** Listens, and gives the address. Throws usage where the port is taken or may not be used. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = WHY_NOT[code ?? ''] ?? (error as Error).message
    throw new OnboardError('usage', 'cannot-listen', `${host}:${port} cannot be listened on: ${why}`, {
      suggestions: ['onboard serve --port 0'], cause: error,
    })
  }
}

/** Resolves once a signal has ended it and every open request was answered. A second signal ends the process. */
export async function untilEnded(app: FastifyInstance): Promise<string> {
  const signal = await new Promise<string>((resolve) => {
    // A signal ends other commands at once; this one takes it over, and the next one ends the process.
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeAllListeners(name).once(name, resolve)
  })
  await app.close()
  return signal
}
