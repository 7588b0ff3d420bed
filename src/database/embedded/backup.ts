import fs from 'node:fs'
import path from 'node:path'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type pg from 'pg'
import { OnboardError } from '../../errors.ts'
import { ArchiveWriter } from './archive.ts'
import { connectSuperuser } from './databases.ts'
import type { Home } from './home.ts'

export interface Backup {
  readonly file: string
  readonly bytes: number
  readonly files: number
  /** Of the content before compression. */
  readonly sha256: string
  readonly databases: readonly string[]
}

/** Folders whose content a server makes anew, and the log of changes, of which only a part is needed. */
const EMPTY = new Set([
  'pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans',
])
const LEFT_OUT = new Set(['postmaster.pid', 'postmaster.opts', 'pg_internal.init', 'backup_label', 'tablespace_map'])

/**
 * Writes the whole embedded server (every database, role and table) into one new file, while commands go on: an online
 * backup by PostgreSQL's own rules, with the changes that were made meanwhile.
 * @throws OnboardError usage `file-exists`; the server's own errors as they are
 */
export async function backupEmbedded(home: Home, file: string): Promise<Backup> {
  const client = await connectSuperuser(home)
  try {
    const out = await createNew(file)
    try {
      return await write(client, home, file, out)
    } catch (error) {
      await fs.promises.rm(file, { force: true })
      throw error
    }
  } finally {
    await client.end()
  }
}

async function createNew(file: string): Promise<fs.promises.FileHandle> {
  try {
    return await fs.promises.open(file, 'wx', 0o600)
  } catch (cause) {
    throw new OnboardError('usage', 'file-not-created', `${file} cannot be created: ${(cause as Error).message}.`, {
      suggestions: ['onboard db backup NEW_FILE'],
      cause,
    })
  }
}

async function write(client: pg.Client, home: Home, file: string, handle: fs.promises.FileHandle): Promise<Backup> {
  const packed = createGzip({ level: 4 })
  const done = finished(packed.pipe(handle.createWriteStream({ flush: true })))
  done.catch(() => packed.destroy())
  const archive = new ArchiveWriter(packed)
  const { rows } = await client.query<{ name: string }>(
    'SELECT datname AS name FROM pg_database WHERE NOT datistemplate ORDER BY 1',
  )
  const databases = rows.map(({ name }) => name).filter((name) => name !== 'postgres')
  await archive.header({
    format: 'onboard-backup',
    version: 1,
    platform: process.platform,
    arch: process.arch,
    server: (await one(client, `SELECT current_setting('server_version') AS value`))!,
    created_at: new Date().toISOString(),
    databases,
  })
  // Keeps the log of changes from being cleared while we copy; goes away with this connection.
  await client.query(`SELECT pg_create_physical_replication_slot('onboard_backup_' || pg_backend_pid(), true, true)`)
  const first = await one(client, `SELECT pg_walfile_name(pg_backup_start('onboard', fast => true)) AS value`)
  await copyFolder(archive, home.data, '')
  const { rows: stopped } = await client.query<{ label: string; last: string }>(
    'SELECT labelfile AS label, pg_walfile_name(lsn) AS last FROM pg_backup_stop(wait_for_archive => false)',
  )
  const { label, last } = stopped[0]!
  for (const name of fs.readdirSync(path.join(home.data, 'pg_wal')).toSorted()) {
    if (/^[0-9A-F]{24}$/.test(name) && name >= first! && name <= last) {
      await archive.file(`pg_wal/${name}`, path.join(home.data, 'pg_wal', name))
    }
  }
  await archive.bytes('backup_label', label)
  const sha256 = await archive.end()
  await done
  return { file, bytes: fs.statSync(file).size, files: archive.files, sha256, databases }
}

async function one(client: pg.Client, sql: string): Promise<string | undefined> {
  return (await client.query<{ value: string }>(sql)).rows[0]?.value
}

async function copyFolder(archive: ArchiveWriter, data: string, within: string): Promise<void> {
  const entries = fs.readdirSync(path.join(data, within), { withFileTypes: true })
  for (const entry of entries) {
    const name = within === '' ? entry.name : `${within}/${entry.name}`
    if (LEFT_OUT.has(entry.name) || entry.name.startsWith('pgsql_tmp')) continue
    if (entry.isDirectory()) {
      await archive.folder(name)
      if (!EMPTY.has(name)) await copyFolder(archive, data, name)
    } else if (entry.isFile()) await copyFile(archive, data, name)
  }
}

/** A table that is dropped meanwhile takes its file along; the log of changes says so to the restored server too. */
async function copyFile(archive: ArchiveWriter, data: string, name: string): Promise<void> {
  try {
    await archive.file(name, path.join(data, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
