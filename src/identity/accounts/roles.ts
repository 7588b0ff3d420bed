/** Which role may do what with the example resources: a matrix that probes can be checked against. */
import type { Role } from '../login/types.ts'

export const PERMISSIONS = {
  'projects:read': ['admin', 'manager', 'member', 'viewer'],
  'projects:create': ['admin', 'manager', 'member'],
  'projects:delete': ['admin', 'manager'],
  'members:read': ['admin', 'manager', 'member'],
  'members:manage': ['admin'],
  'settings:read': ['admin', 'manager'],
  'settings:write': ['admin'],
} as const satisfies { readonly [permission: string]: readonly Role[] }

export type Permission = keyof typeof PERMISSIONS

/** A role that is none of ours may do nothing. */
export const may = (role: Role, permission: Permission): boolean =>
  (PERMISSIONS[permission] as readonly Role[]).includes(role)

export const permissionsOf = (role: Role): readonly Permission[] =>
  (Object.keys(PERMISSIONS) as Permission[]).filter((permission) => may(role, permission))
