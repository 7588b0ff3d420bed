import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { readRegularFile } from '../../src/adapters/files.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onboard-files-'))
  await writeFile(join(folder, 'file'), 'x'.repeat(100_000))
  await symlink('file', join(folder, 'link'))
})

test('a file comes with the digest of the very bytes that are given', async () => {
  const { bytes, digest, name, size } = await readRegularFile(join(folder, 'file'), 'file', 100_000)
  expect([name, size, digest]).toEqual(['file', 100_000, createHash('sha256').update(bytes).digest('hex')])
})

test('over the cap by a byte is too large', async () => {
  await expect(readRegularFile(join(folder, 'file'), 'file', 99_999)).rejects.toMatchObject({ kind: 'invalid', code: 'file-too-large' })
})

test.skipIf(process.platform === 'win32')('links, folders, devices, sockets and pipes are refused at once', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')])
  for (const path of [join(folder, 'link'), folder, '/dev/zero', join(folder, 'pipe'), join(folder, 'nothing')]) {
    await expect(readRegularFile(path, path, 1_000), path).rejects.toMatchObject({ kind: 'invalid' })
  }
})
