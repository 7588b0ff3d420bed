import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readFileOnce } from '../../src/cli/source.ts'

const folder = mkdtempSync(join(tmpdir(), 'onboard-source-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a regular file is read, a larger one is not', async () => {
  writeFileSync(join(folder, 'file'), 'text')
  expect(Buffer.from(await readFileOnce(join(folder, 'file'))).toString()).toBe('text')
  await expect(readFileOnce(join(folder, 'file'), 'file', 3)).rejects.toMatchObject({ code: 'file-too-large', message: 'file has 4 bytes; at most 3 are read' })
})

test('a pipe that nobody writes to is refused, not waited for', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')])
  // What waits here is a thread that no signal to the process ends: with a writer at hand a failure is one, and no hang.
  const late = setTimeout(() => writeFileSync(join(folder, 'pipe'), ''), 2_000)
  const began = performance.now()
  await expect(readFileOnce(join(folder, 'pipe'), 'pipe')).rejects.toMatchObject({ code: 'no-regular-file', message: 'pipe is no regular file' })
  expect(performance.now() - began).toBeLessThan(1_500)
  clearTimeout(late)
})
