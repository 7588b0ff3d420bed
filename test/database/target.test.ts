import { describe, expect, test } from 'vitest'
import { labelOf, resolveTarget } from '../../src/database/target.ts'

const URL_ONE = 'postgres://ada@db.example/vendor'

describe('which database', () => {
  test('is the flag, then ONBOARD_DATABASE_URL, then the config, then the embedded default', () => {
    const env = { ONBOARD_DATABASE_URL: 'postgres://ada@env.example/vendor' }
    const config = { database: { embedded: 'trial' } } as const
    expect(resolveTarget({ flag: URL_ONE, env, config })).toMatchObject({ kind: 'server', url: URL_ONE })
    expect(resolveTarget({ env, config })).toMatchObject({ kind: 'server', url: env.ONBOARD_DATABASE_URL })
    expect(resolveTarget({ env: {}, config })).toEqual({ kind: 'embedded', name: 'trial' })
    expect(resolveTarget({ env: {} })).toEqual({ kind: 'embedded', name: 'default' })
    expect(resolveTarget({ flag: 'embedded:demo', env, config })).toEqual({ kind: 'embedded', name: 'demo' })
  })

  test('DATABASE_URL counts only where the config says so', () => {
    const env = { DATABASE_URL: URL_ONE }
    expect(resolveTarget({ env })).toEqual({ kind: 'embedded', name: 'default' })
    expect(resolveTarget({ env, config: { database: { url_env: 'DATABASE_URL' } } })).toMatchObject({ url: URL_ONE })
  })

  test.each([['shared'], [{ url_env: 'VENDOR_URL' }]] as const)('%j never falls back to the embedded server', (database) => {
    expect(() => resolveTarget({ env: {}, config: { database } })).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'database-url-missing' }),
    )
  })

  test('logins for reading and for migrations come from the environment', () => {
    const env = { ONBOARD_DATABASE_URL: URL_ONE, ONBOARD_READER_DATABASE_URL: `${URL_ONE}?r`, ONBOARD_OWNER_DATABASE_URL: `${URL_ONE}?o` }
    expect(resolveTarget({ env })).toEqual({ kind: 'server', url: URL_ONE, reader_url: `${URL_ONE}?r`, owner_url: `${URL_ONE}?o` })
  })

  test('other logins of the environment do not lead a flag to another database', () => {
    const env = { ONBOARD_READER_DATABASE_URL: 'postgres://reads@db.example/vendor', ONBOARD_OWNER_DATABASE_URL: 'postgres://owns@db.example/other' }
    expect(resolveTarget({ flag: URL_ONE, env })).toEqual({ kind: 'server', url: URL_ONE, reader_url: env.ONBOARD_READER_DATABASE_URL })
  })

  test.each(['postgres://ada:geheim@db.example/v', 'postgres://db.example/v?password=geheim'])('a flag with a password is refused: %s', (flag) => {
    const refused = expect.objectContaining({ kind: 'usage', code: 'password-in-flag', message: expect.not.stringContaining('geheim') })
    expect(() => resolveTarget({ flag, env: {} })).toThrow(refused)
  })

  test.each(['mysql://x/y', 'vendor', 'host=db dbname=x', ''])('an address that is none is refused: %j', (flag) => {
    expect(() => resolveTarget({ flag, env: {} })).toThrow(expect.objectContaining({ kind: 'usage', code: 'database-url' }))
  })

  test.each(['embedded:', 'embedded:Postgres', 'embedded:postgres', 'embedded:a"b', 'embedded:../x'])('a name that is none is refused: %s', (flag) => {
    expect(() => resolveTarget({ flag, env: {} })).toThrow(expect.objectContaining({ kind: 'invalid', code: 'database-name' }))
  })
})

test('a label names the place and no login', () => {
  expect(labelOf({ kind: 'embedded', name: 'default' })).toBe('embedded:default')
  expect(labelOf({ kind: 'server', url: 'postgres://ada:geheim@db.example:6000/vendor?x=1' })).toBe('server:db.example:6000/vendor')
  expect(labelOf({ kind: 'server', url: 'postgres:///vendor?host=/run/pg&user=ada' })).toBe('server:/run/pg:5432/vendor')
})
