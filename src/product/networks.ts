import { isIP } from 'node:net'
import { OnboardError } from '../errors.ts'

/**
 * Checks that each entry is an address or a network, `203.0.113.0/24`. @throws OnboardError (invalid, `network`)
 * naming all that are not
 */
export function assertNetworks(list: readonly string[], field: string): void {
  const wrong = list.filter((entry) => !isNetwork(entry))
  if (wrong.length === 0) return
  throw new OnboardError(
    'invalid',
    'network',
    `${field}: not an address or network in CIDR form: ${wrong.map((w) => JSON.stringify(w)).join(', ')}`,
  )
}

function isNetwork(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
