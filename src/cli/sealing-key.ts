/**
 * The key under which secrets are kept that must be read again: given by the environment, or the embedded server's own.
 */
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { OnboardError } from '../errors.ts'
import { createSeal, type Seal } from '../identity/seal.ts'
import type { Context } from './context.ts'

const KEY_BYTES = 32
const FILE = 'sealing.key'
/** What makes one, to be put where the environment says. */
const MAKES_ONE = 'openssl rand -base64 32'

/**
 * The seal of the workspace's database. On the embedded server a key is made at the first use, beside its data.
 * @throws OnboardError invalid: `no-sealing-key` where a server of the user's has none,
 * `sealing-key` where what is given is no key
 */
export async function sealOf(context: Context): Promise<Seal> {
  const { env } = context.io
  const file = env['ONBOARD_SEALING_KEY_FILE']
  if (file)
    return createSeal(
      keyIn(
        await textOf(context.path(file), `${file} (ONBOARD_SEALING_KEY_FILE)`),
        `${file} (ONBOARD_SEALING_KEY_FILE)`,
      ),
    )
  const given = env['ONBOARD_SEALING_KEY']
  if (given) return createSeal(keyIn(given, 'ONBOARD_SEALING_KEY'))
  if ((await context.target()).kind !== 'embedded') {
    throw new OnboardError(
      'invalid',
      'no-sealing-key',
      'There is no key to keep secrets under: set ONBOARD_SEALING_KEY_FILE to a file with 32 random bytes '
        + `in base64 (${MAKES_ONE}), the same one wherever this database is used.`,
      { suggestions: [MAKES_ONE] },
    )
  }
  const { embeddedHome } = await import('../database/embedded/home.ts')
  const path = join(embeddedHome(env).base, FILE)
  return createSeal(keyIn(await madeOrRead(path), path))
}

function keyIn(text: string, where: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64')
  // Base64 is read leniently; what does not read back the same is a typing error, not a key.
  if (key.length === KEY_BYTES && key.toString('base64').replace(/=+$/, '') === text.trim().replace(/=+$/, ''))
    return key
  throw new OnboardError(
    'invalid',
    'sealing-key',
    `${where} has no key: it takes ${KEY_BYTES} bytes in base64, as ${MAKES_ONE} writes them`,
    { suggestions: [MAKES_ONE] },
  )
}

async function textOf(path: string, shown: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new OnboardError(
      'invalid',
      'sealing-key',
      `${shown} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`,
      { cause },
    )
  }
}

/** Of two that make it at once, one wins, and both read what it made: a name is given only to a file that is whole. */
async function madeOrRead(path: string): Promise<string> {
  const there = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new OnboardError('invalid', 'sealing-key', `${path} cannot be read: ${error.code}`, { cause: error })
  })
  if (there !== null) return there
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    await mkdir(dirname(path), { recursive: true })
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } catch (cause) {
    throw new OnboardError(
      'failed',
      'sealing-key',
      `${path} cannot be written: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`,
      { cause },
    )
  } finally {
    await rm(temporary, { force: true })
  }
  return readFile(path, 'utf8')
}
