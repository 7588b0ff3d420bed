import { roleName, type Role } from '../../src/database/roles.ts'

/** Of the three logins on a server that a test run is given. */
export const TEST_PASSWORD = 'onboard-test'

/** The URL with another database, and the login of a role instead of its own. */
export function loginUrl(url: string, database: string, role?: Role): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  if (role) {
    changed.username = roleName(role)
    changed.password = TEST_PASSWORD
  }
  return changed.href
}
