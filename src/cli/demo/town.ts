/**
 * The demo's surroundings: the product as it is served, the customer's identity provider and directory,
 * and their people.
 */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { moveClock } from '../../database/clock.ts'
import type { Database } from '../../database/open.ts'
import { OnboardError } from '../../errors.ts'
import type { Context } from '../context.ts'
import type { Told } from './begun.ts'
import { playDirectory } from './directory.ts'
import { pemOf } from '../../identity/saml/keys.ts'
import type { Person } from './openid-provider.ts'
import { JO, KIM, SAM, setsPassword, signsInAndOut, signsInByPassword, TOM, triesLink } from './people.ts'
import { CLIENT, METADATA } from './papers.ts'
import type { Deed, Deeds, SignIns } from './scene.ts'

interface Setting {
  /** Absolute path of the demo's workspace. */
  readonly folder: string
  readonly database: Database
  readonly told: Told
  /** What the commands see of the environment; the token is put there. */
  readonly env: Record<string, string | undefined>
  /** A context of that workspace, once it is there. */
  context(): Context
}

export interface DemoTown {
  readonly url: string
  /** Serves the product from now on; null: whoever needed it was there in an earlier run. */
  readonly serves: Deed['does']
  readonly deeds: Deeds
  close(): Promise<void>
}

const CONNECTION = 'main'
/** Makes what the workspace needs of the customer's identity provider, and finds the product's address. */
export async function openTown({ folder, database, told, env, context }: Setting): Promise<DemoTown> {
  const closing: (() => Promise<unknown>)[] = []
  const now = async (): Promise<string> => (await database.clock()).now
  const acme = await acmeProvider(folder, told, now)
  const borealis = await borealisProvider(folder, told, database)
  closing.push(acme.close, borealis.close)
  // Chosen last: nobody takes it before it is listened on.
  const url = (await addressBefore(folder)) ?? (await freeAddress())
  const secret = async (file: string, name: string): Promise<string> => {
    const lines = (await readFile(join(folder, file), 'utf8')).trim().split('\n')
    const secrets = lines.map((line) => JSON.parse(line) as { name: string; value: string })
    const found = secrets.find((one) => one.name === name)
    if (found !== undefined) return found.value
    throw new OnboardError('failed', 'demo-stopped', `The demo stops here: ${file} has no ${name}.`)
  }
  const tenantUrl = (tenant: string): string => `${url}/sso/${tenant}/${CONNECTION}`
  const signIns = (tenant: string, tester: Person, admin: Person, ready: (ours: string) => Promise<void>): SignIns => ({
    setsPassword: unless(told.password.includes(tenant), async () => {
      await setsPassword({ url, tenant, now }, admin, await secret(`${tenant}.secrets.jsonl`, 'set_password_link'))
    }),
    setsUp: unless(told.tried.includes(tenant), () => ready(tenantUrl(tenant))),
    triesLink: unless(told.tried.includes(tenant), async (link: string) => {
      await ready(tenantUrl(tenant))
      await triesLink(link, tester)
    }),
    signsInAndOut: unless(told.signedOut.includes(tenant), async () => {
      await ready(tenantUrl(tenant))
      await signsInAndOut({ url, tenant }, CONNECTION, admin)
    }),
  })
  const token = () => secret('acme.scim.secrets.jsonl', 'scim_token')
  if (told.token) env['SCIM_TEST_TOKEN'] = await token().catch(() => undefined)
  return {
    url,
    serves: unless(told.rolledBack && told.synced && all(told, 'acme'), async () => {
      const { gatewaySettings, listen } = await import('../gateway.ts')
      const own = context()
      const port = Number(new URL(url).port)
      const app = await gatewaySettings(own, {
        host: '127.0.0.1', port, publicUrl: null, trustedProxies: ['127.0.0.1'], cert: null, key: null,
        connections: 4, loginsPerMinute: 60,
      })
      closing.unshift(() => app.close().then(() => own.close()))
      await listen(app, '127.0.0.1', port)
    }),
    deeds: {
      acme: signIns('acme', KIM, TOM, acme.ready),
      borealis: signIns('borealis', JO, SAM, borealis.ready),
      signsInByPassword: unless(told.rolledBack, () => signsInByPassword({ url, tenant: 'borealis', now }, SAM)),
      issuer: borealis.issuer,
      takesToken: unless(told.token, async () => void (env['SCIM_TEST_TOKEN'] = await token())),
      syncs: unless(told.synced, async () => playDirectory({ url: `${url}/scim/v2/acme`, token: await token() })),
    },
    close: async () => {
      for (const close of closing) await close()
    },
  }
}

const unless = <D>(done: boolean, deed: D): D | null => (done ? null : deed)
const all = (told: Told, tenant: string): boolean => told.tried.includes(tenant) && told.signedOut.includes(tenant)

interface Played {
  /** Told of us, as its administrator does it. @param ours our addresses begin so */
  ready(ours: string): Promise<void>
  close(): Promise<void>
}

/** Nobody needs it any more. */
const ABSENT: Played = { ready: async () => undefined, close: async () => undefined }

/** By SAML; what it publishes lies in the workspace. */
async function acmeProvider(folder: string, told: Told, now: () => Promise<string>): Promise<Played> {
  if (all(told, 'acme')) return ABSENT
  const { startSamlProvider } = await import('./saml-provider.ts')
  let clock = Date.parse(await now())
  const provider = await startSamlProvider([TOM, KIM], { now: () => clock })
  await writeFile(join(folder, METADATA), provider.metadata())
  return {
    ready: async (ours) => {
      clock = Date.parse(await now())
      const xml = await (await fetch(`${ours}/metadata`)).text()
      const found = [...xml.matchAll(/X509Certificate>([^<]+)</g)]
      const certificates = found.map(([, body = '']) => pemOf(Buffer.from(body, 'base64')))
      provider.register({ entity_id: `${ours}/metadata`, acs: `${ours}/acs`, slo: `${ours}/slo`, certificates })
    },
    close: () => provider.close(),
  }
}

/** By OpenID Connect; our client's secret lies in the workspace. */
async function borealisProvider(
  folder: string, told: Told, database: Database,
): Promise<Played & { readonly issuer: string }> {
  if (told.rolledBack || all(told, 'borealis')) return { ...ABSENT, issuer: '' }
  const { startOpenIdProvider } = await import('./openid-provider.ts')
  const { oidcUrls } = await import('../../identity/oidc/urls.ts')
  const provider = await startOpenIdProvider([SAM, JO])
  const client_secret = randomBytes(24).toString('base64url')
  await writeFile(join(folder, CLIENT.secretFile), `${client_secret}\n`, { mode: 0o600 })
  return {
    issuer: provider.issuer,
    ready: async (ours) => {
      const [, origin = '', tenant = '', name = ''] = /^(.*)\/sso\/([^/]+)\/([^/]+)$/.exec(ours) ?? []
      const { callback, logout, backchannel } = oidcUrls(origin, tenant, name)
      provider.register({ client_id: CLIENT.id, client_secret, callback, logout, backchannel })
      // The provider goes by the machine's clock: the database's catches up with it.
      const wall = new Date().toISOString()
      if ((await database.clock()).now < wall) await moveClock(database, wall)
    },
    close: () => provider.close(),
  }
}

/** The origin that an earlier run has chosen; undefined: there was none. */
async function addressBefore(folder: string): Promise<string | undefined> {
  const config = await readFile(join(folder, 'onboard.config.yaml'), 'utf8').catch(() => '')
  return /^ *app_url: (http:\/\/127\.0\.0\.1:\d+)/m.exec(config)?.[1]
}

async function freeAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}
