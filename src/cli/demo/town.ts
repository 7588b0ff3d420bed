/** The demo's surroundings: the product as it is served, the customer's identity provider and directory, and their people. */
import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import type { Database } from '../../database/open.ts'
import { OnboardError } from '../../errors.ts'
import type { Context } from '../context.ts'
import type { Told } from './begun.ts'
import { playDirectory } from './directory.ts'
import { KIM, setsPassword, signsInAndOut, TOM, type Town, triesLink } from './people.ts'
import { startSamlProvider, type SamlProvider } from './saml-provider.ts'
import { METADATA, type Deeds } from './script.ts'

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
  /** Serves the product from now on. */
  serves(): Promise<void>
  readonly deeds: Deeds
  close(): Promise<void>
}

const TENANT = 'acme'
const CONNECTION = 'main'
/** Makes what the workspace needs of the customer's identity provider, and finds the product's address. */
export async function openTown({ folder, database, told, env, context }: Setting): Promise<DemoTown> {
  const closing: (() => Promise<unknown>)[] = []
  const now = async (): Promise<string> => (await database.clock()).now
  const url = (await addressBefore(folder)) ?? (await freeAddress())
  let clock = Date.parse(await now())
  let provider: SamlProvider | undefined
  if (!told.tried || !told.signedOut) {
    provider = await startSamlProvider([TOM, KIM], { now: () => clock })
    closing.push(() => provider?.close() ?? Promise.resolve())
    await writeFile(join(folder, METADATA), provider.metadata())
  }
  const town: Town = { url, tenant: TENANT, now }
  /** As its administrator sets us up: by our metadata. */
  const atProvider = async (deed: () => Promise<void>): Promise<void> => {
    clock = Date.parse(await now())
    const ours = `${url}/sso/${TENANT}/${CONNECTION}`
    const xml = await (await fetch(`${ours}/metadata`)).text()
    const certificates = [...xml.matchAll(/X509Certificate>([^<]+)</g)].map(([, body = '']) => `-----BEGIN CERTIFICATE-----\n${body.replaceAll(/\s/g, '').replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`)
    provider?.register({ entity_id: `${ours}/metadata`, acs: `${ours}/acs`, slo: `${ours}/slo`, certificates })
    await deed()
  }
  const secret = async (file: string, name: string): Promise<string> => {
    const lines = (await readFile(join(folder, file), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { name: string; value: string })
    const found = lines.find((one) => one.name === name)
    if (found === undefined) throw new OnboardError('failed', 'demo-stopped', `The demo stops here: ${file} has no ${name}.`)
    return found.value
  }
  const token = () => secret('acme.scim.secrets.jsonl', 'scim_token')
  if (told.token) env['SCIM_TEST_TOKEN'] = await token().catch(() => undefined)
  const unless = <D>(done: boolean, deed: D): D | null => (done ? null : deed)
  return {
    url,
    serves: async () => {
      const { gatewaySettings, listen } = await import('../gateway.ts')
      const own = context()
      const app = await gatewaySettings(own, {
        host: '127.0.0.1', port: Number(new URL(url).port), publicUrl: null, trustedProxies: ['127.0.0.1'], cert: null, key: null, connections: 4,
        loginsPerMinute: 60,
      })
      closing.unshift(() => app.close().then(() => own.close()))
      await listen(app, '127.0.0.1', Number(new URL(url).port))
    },
    deeds: {
      setsPassword: unless(told.password, async () => setsPassword(town, await secret('acme.secrets.jsonl', 'set_password_link'))),
      triesLink: unless(told.tried, (link: string) => atProvider(() => triesLink(link))),
      signsInAndOut: unless(told.signedOut, () => atProvider(() => signsInAndOut(town, CONNECTION))),
      takesToken: unless(told.token, async () => void (env['SCIM_TEST_TOKEN'] = await token())),
      syncs: unless(told.synced, async () => playDirectory({ url: `${url}/scim/v2/${TENANT}`, token: await token() })),
    },
    close: async () => {
      for (const close of closing) await close()
    },
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
