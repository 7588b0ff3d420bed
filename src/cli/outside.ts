/** What of the world beyond the database a step may reach. */
import { resolve } from 'node:path'
import type { Config } from '../onboarding/config.ts'
import type { Ingredients } from './assemble.ts'

export interface OutsideGround {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Folder of the workspace; null where there is none. */
  dir(): Promise<string | null>
  /** Why the workspace may not act; null where it is trusted. */
  distrust(): Promise<string | null>
  /** Throws forbidden where it is not; `what` did not happen then. */
  mustTrust(what: string): Promise<void>
  closeLater(closing: { close(): Promise<void> }): void
}

/** The network and the workspace's files, for steps: loaded when a step first looks there. */
export function outsideOf(config: Config, ground: OutsideGround): Ingredients['outside'] {
  const settings = { allow: config.network?.allow ?? [], env: ground.env, refused: () => ground.distrust() }
  let http: Promise<{ http: NonNullable<Ingredients['outside']['http']> }> | undefined
  const open = async () => {
    const opened = (await import('../adapters/http.ts')).createHttp(settings)
    ground.closeLater(opened)
    return opened
  }
  return {
    http: async (request) => (await (http ??= open())).http(request),
    postbox: async () => {
      const { postboxOf } = await import('./postbox.ts')
      return postboxOf(config, ground.env, await ground.dir(), () => ground.mustTrust('No mail was sent'))
    },
    tls: async (request) => (await import('../adapters/tls.ts')).createTls(settings)(request),
    file: async (path) => {
      const dir = await ground.dir()
      await ground.mustTrust(`${path} was not read`)
      const { EVIDENCE_MAX_BYTES, readRegularFile } = await import('../adapters/files.ts')
      return (await readRegularFile(resolve(dir ?? ground.cwd, path), path, EVIDENCE_MAX_BYTES)).bytes
    },
  }
}
