import { setTimeout as pause } from 'node:timers/promises'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createExec } from '../../src/adapters/exec.ts'

const node = (code: string, ...args: string[]): string[] => [process.execPath, '-e', code, ...args]
const exec = createExec({
  env: { PATH: process.env['PATH'], API_TOKEN: 'tok-1234567890', OTHER: 'other' },
  cwd: tmpdir(),
})
const program = (argv: string[], more: object = {}) => exec({ argv, timeout_ms: 10_000, ...more })

describe('exec', () => {
  test('gives exit, stdout and stderr, whatever the exit is', async () => {
    expect(await program(node('console.log("out"); console.error("err"); process.exit(3)'))).toEqual({
      exit: 3,
      timed_out: false,
      stdout: 'out\n',
      stderr: 'err\n',
    })
  })

  test('arguments reach the program as they are', async () => {
    const odd = ['$(id)', '; rm -rf x', '*', '"', "'", '', 'a\nb', 'ü 株']
    const { stdout } = await program(node('console.log(JSON.stringify(process.argv.slice(1)))', '--', ...odd))
    expect(JSON.parse(stdout)).toEqual(odd)
  })

  test('the environment is what was named, and nothing else', async () => {
    const { stdout } = await program(node('console.log(JSON.stringify(process.env))'), {
      env: { A: '1' },
      env_from: ['PATH', 'NOT_THERE'],
    })
    expect(JSON.parse(stdout)).toEqual({ A: '1', PATH: process.env['PATH'] })
  })

  test('values taken from the environment are blacked out in what it prints', async () => {
    const { stdout, stderr } = await program(
      node('const t = process.env.API_TOKEN; console.log(`x${t}y`); console.error(t + t)'),
      { env_from: ['API_TOKEN', 'PATH'] },
    )
    expect([stdout, stderr]).toEqual(['x***y\n', '******\n'])
  })

  test('stdin is given and not shown again', async () => {
    const { stdout } = await program(node('process.stdin.pipe(process.stdout)'), { stdin: 'a secret of many words' })
    expect(stdout).toBe('***')
  })

  test('output is capped, and a secret that the cap cuts in two does not show its beginning', async () => {
    const { stdout } = await program(
      node('process.stdout.write("a".repeat(64 * 1024 - 5) + process.env.API_TOKEN + "b".repeat(1e6))'),
      { env_from: ['API_TOKEN'] },
    )
    expect(stdout).not.toContain('tok')
    expect(stdout).toMatch(/1065545 bytes in all; the rest was not kept$/)
    expect(stdout.length).toBeLessThan(70_000)
  })

  test('what outlives its time is killed with its children', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'onboard-exec-'))
    const mark = join(folder, 'late')
    const child = `setTimeout(() => require('fs').writeFileSync(${JSON.stringify(mark)}, ''), 1200)`
    const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`
    const started = Date.now()
    expect(await program(node(parent), { timeout_ms: 500 })).toMatchObject({ exit: null, timed_out: true })
    expect(Date.now() - started).toBeLessThan(5000)
    await pause(1500)
    expect(existsSync(mark)).toBe(false)
    rmSync(folder, { recursive: true })
  })

  test('a program that is not there, or may not run, is said as such', async () => {
    await expect(program(['no-such-program-anywhere'])).rejects.toMatchObject({
      kind: 'invalid',
      code: 'no-such-program',
      message: expect.stringContaining('no such program') as string,
    })
    await expect(program([tmpdir()])).rejects.toMatchObject({ kind: 'invalid', code: 'no-such-program' })
    await expect(program(node('0'), { cwd: 'not/there' })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'no-such-program',
    })
  })

  test('an untrusted workspace runs nothing', async () => {
    const refusing = createExec({ env: {}, cwd: tmpdir(), refused: 'this workspace is not trusted yet' })
    await expect(refusing({ argv: node('0'), timeout_ms: 1000 })).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'untrusted',
    })
  })

  test('a signal is not an exit', async () => {
    expect(await program(node('process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)'))).toMatchObject({
      exit: null,
      timed_out: false,
    })
  })
})
