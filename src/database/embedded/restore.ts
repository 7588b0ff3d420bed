import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { createGunzip } from 'node:zlib'
import { OnboardError } from '../../errors.ts'
import { readArchive, type Header } from './archive.ts'
import { makeHome, MAJOR, serverUser, type Home, type ServerUser } from './home.ts'

export interface Restored {
  readonly created_at: string
  readonly databases: readonly string[]
  readonly sha256: string
}

/** Folders that a server expects and a backup holds nothing of. */
const EXPECTED = ['pg_wal/archive_status', 'pg_wal/summaries']

/**
 * Puts a backup where the embedded server has no data yet. The data appear only when all of the file was read and its
 * digest held.
 * @throws OnboardError conflict `embedded-not-empty`; invalid `backup-unusable`
 */
export async function restoreEmbedded(home: Home, file: string): Promise<Restored> {
  makeHome(home, serverUser(home))
  if (fs.existsSync(home.data)) throw notEmpty(home)
  const user = serverUser(home)
  const building = `${home.data}.${randomBytes(6).toString('hex')}`
  let header: Header | undefined
  try {
    fs.mkdirSync(building, { mode: 0o700 })
    const sha256 = await readArchive(fs.createReadStream(file).pipe(createGunzip()), {
      header: async (found) => {
        header = found
        refuseOther(header)
      },
      file: (name, content) => place(building, name, content),
    }).catch((cause: unknown) => {
      throw cause instanceof OnboardError ? cause : unreadable(file, cause)
    })
    for (const name of EXPECTED) fs.mkdirSync(path.join(building, name), { recursive: true, mode: 0o700 })
    if (user) own(building, user)
    await sync(building)
    fs.renameSync(building, home.data)
    return { created_at: header!.created_at, databases: header!.databases, sha256 }
  } catch (error) {
    if (fs.existsSync(home.data)) throw notEmpty(home)
    throw error
  } finally {
    fs.rmSync(building, { recursive: true, force: true })
  }
}

async function place(building: string, name: string, content: AsyncIterable<Buffer>): Promise<void> {
  const target = path.join(building, name)
  if (!target.startsWith(building + path.sep) || name.includes('\\')) {
    throw new Error(`it names a file outside: ${name}`)
  }
  if (name.endsWith('/')) {
    fs.mkdirSync(target, { recursive: true, mode: 0o700 })
    return
  }
  const handle = await fs.promises.open(target, 'wx', 0o600)
  try {
    for await (const chunk of content) await handle.write(chunk)
  } finally {
    await handle.close()
  }
}

/** To the disk, all at the end: one file after the other as it comes would cost a wait for each. */
async function sync(folder: string): Promise<void> {
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const handle = await fs.promises.open(path.join(entry.parentPath, entry.name), 'r+')
    await handle.sync().finally(() => handle.close())
  }
}

function own(folder: string, user: NonNullable<ServerUser>): void {
  fs.chownSync(folder, user.uid, user.gid)
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    fs.chownSync(path.join(entry.parentPath, entry.name), user.uid, user.gid)
  }
}

function refuseOther(header: Header): void {
  if (header.format !== 'onboard-backup' || header.version !== 1) throw new Error('it is no backup of onboard')
  const here = `${process.platform}-${process.arch}, PostgreSQL ${MAJOR}`
  const there = `${header.platform}-${header.arch}, PostgreSQL ${header.server.split('.')[0]}`
  if (here === there) return
  throw new OnboardError(
    'invalid', 'backup-unusable', `The backup was made on ${there}, and this is ${here}: its data do not fit.`,
  )
}

const unreadable = (file: string, cause: unknown): OnboardError =>
  new OnboardError('invalid', 'backup-unusable', `${file} cannot be restored: ${(cause as Error).message}.`, { cause })

const notEmpty = (home: Home): OnboardError =>
  new OnboardError(
    'conflict',
    'embedded-not-empty',
    `${home.base} holds an embedded database already; a backup is restored only where there is none.`,
    { suggestions: ['ONBOARD_HOME=EMPTY_FOLDER onboard db restore FILE', 'onboard db backup FILE'] },
  )
