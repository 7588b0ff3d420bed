import { execFileSync } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { fileSecrets, noPlaceForSecrets, terminalSecrets, type Handed } from '../../src/adapters/secrets.ts'
import { Secret } from '../../src/contract.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onboard-secrets-'))
})

const key = { phase: 'provision', step: 'admin', instance: '' }
const one = (value: string) => ({ key, name: 'link', value: new Secret(value), expires_at: '2026-01-01T00:00:00Z' })

test('each secret is a line of JSON in a file of its owner’s, there once deliver has resolved', async () => {
  const path = join(folder, 's.jsonl')
  const sink = fileSecrets('acme', path, 's.jsonl')
  await sink.ready()
  await expect(lstat(path)).rejects.toThrow('ENOENT')
  await sink.deliver([one('first')])
  await sink.ready()
  await sink.deliver([one('second'), { ...one('third'), key: { ...key, instance: 'eu' } }])
  const lines = (await readFile(path, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Handed)
  expect(lines.map(({ step, value }) => [step, value])).toEqual([['provision.admin', 'first'], ['provision.admin', 'second'], ['provision.admin/eu', 'third']])
  expect((await lstat(path)).mode & 0o777).toBe(0o600)
  await sink.close()
})

test('nothing that stands there is written to: a file, a link, a dangling link, a folder', async () => {
  await writeFile(join(folder, 'file'), 'mine')
  await symlink('file', join(folder, 'link'))
  await symlink('nowhere', join(folder, 'dangling'))
  await mkdir(join(folder, 'folder'))
  for (const name of ['file', 'link', 'dangling', 'folder', 'no/such/folder']) {
    const sink = fileSecrets('acme', join(folder, name), name)
    await expect(sink.ready(), name).rejects.toMatchObject({ kind: 'usage' })
    // Also where it came there only after the look.
    await expect(sink.deliver([one('secret')]), name).rejects.toMatchObject({ kind: 'usage' })
  }
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('mine')
  await expect(lstat(join(folder, 'nowhere'))).rejects.toThrow('ENOENT')
})

test.runIf(process.platform === 'linux')('a disk that is full is said in words, and leaves no half of a line behind', async () => {
  const path = join(folder, 's.jsonl')
  const sink = fileSecrets('acme', path, 's.jsonl')
  await sink.deliver([one('first')])
  const whole = await readFile(path)
  // The least that stands for a full disk: no file of this process may grow past what is there.
  const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`])
  limit(String(whole.length + 10))
  try {
    await expect(sink.deliver([one('second')])).rejects.toMatchObject({ kind: 'failed', code: 'secrets-file-unwritable', message: 's.jsonl cannot be written: EFBIG' })
  } finally {
    limit('unlimited')
  }
  expect(await readFile(path)).toEqual(whole)
  await sink.deliver([one('third')])
  expect((await readFile(path, 'utf8')).trim().split('\n').map((line) => (JSON.parse(line) as Handed).value)).toEqual(['first', 'third'])
  await sink.close()
})

test('off a terminal and without a file, a run is refused beforehand', async () => {
  await expect(noPlaceForSecrets('onboard apply acme').ready()).rejects.toMatchObject({ kind: 'usage', suggestions: ['onboard apply acme --secrets-out secrets.jsonl'] })
})

test('a terminal is shown each secret once', async () => {
  const shown: Handed[] = []
  const sink = terminalSecrets('acme', (secret) => shown.push(secret))
  await sink.ready()
  await sink.deliver([one('first')])
  expect(shown).toEqual([{ customer: 'acme', step: 'provision.admin', name: 'link', value: 'first', expires_at: '2026-01-01T00:00:00Z', note: null }])
})
