import { expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'

test('a fresh database is migrated, and each role gets its own connection', async () => {
  const database = await testDatabase()
  for (const role of ['app', 'reader', 'owner'] as const) {
    const client = await database.connect(role, { application_name: 'who asks' })
    const { rows } = await client.query(
      `SELECT session_user::text AS login, current_setting('application_name') AS name, current_setting('TimeZone') AS zone,
              9007199254740993::int8 AS big, '2026-02-03 04:05:06.123456+00'::timestamptz AS at, '2026-02-03'::date AS day`,
    )
    await client.end()
    expect(rows).toEqual([
      {
        login: `onboard_${role}`,
        name: 'who asks',
        zone: 'UTC',
        big: '9007199254740993',
        at: '2026-02-03 04:05:06.123456+00',
        day: '2026-02-03',
      },
    ])
  }
})
