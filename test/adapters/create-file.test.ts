import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFile } from '../../src/adapters/create-file.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'onboard-create-'))
const bytes = Buffer.from('second')
const former = new Set([createHash('sha256').update('first').digest('hex')])

test('creates it for its owner alone, and says unchanged of the same again', async () => {
  const file = join(folder(), 'a.md')
  expect(await createFile(file, 'a.md', bytes)).toBe('written')
  expect(statSync(file).mode & 0o077).toBe(0)
  expect(await createFile(file, 'a.md', bytes)).toBe('unchanged')
})

test('replaces a former version and nothing else', async () => {
  const dir = folder()
  const file = join(dir, 'a.md')
  writeFileSync(file, 'first')
  expect(await createFile(file, 'a.md', bytes, former)).toBe('written')
  expect([readFileSync(file, 'utf8'), readdirSync(dir)]).toEqual(['second', ['a.md']])
  writeFileSync(file, 'mine')
  await expect(createFile(file, 'a.md', bytes, former)).rejects.toMatchObject({ kind: 'conflict', code: 'file-exists' })
  expect(readFileSync(file, 'utf8')).toBe('mine')
})

test('a link that leads nowhere, a folder and a place that is not there are named', async () => {
  const dir = folder()
  symlinkSync(join(dir, 'elsewhere'), join(dir, 'link'))
  mkdirSync(join(dir, 'folder'))
  for (const name of ['link', 'folder', 'nowhere/a.md']) {
    await expect(createFile(join(dir, name), name, bytes)).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining(name) })
  }
  expect(readdirSync(dir).toSorted()).toEqual(['folder', 'link'])
})
