/**
 * Keeps what onboard asks over the network away from what is not public: an address in a config or a handoff must not
 * become a way into the operator's own network. Names are resolved here, and the address that was checked is the one
 * that is connected to.
 */
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { OnboardError } from '../errors.ts'

/** Not on the public Internet, by RFC 6890 and its successors. */
const PRIVATE_4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24',
  '192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
]
const PRIVATE_6 = [
  '::/127', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', 'fc00::/7', 'fe80::/10',
  'ff00::/8',
]

const blocked = listOf([...PRIVATE_4, ...PRIVATE_6])

export interface Address {
  readonly address: string
  readonly family: 4 | 6
}

/**
 * A host name or address → the address to connect to.
 * Throws forbidden where it is private, unreachable where it has none.
 */
export type Guard = (host: string) => Promise<Address>

/**
 * @param allow host names, addresses and networks (`10.1.0.0/16`) that may be reached though they are private
 * @param resolve how names are looked up; the system's way
 */
export function createGuard(
  allow: readonly string[], resolve: (name: string) => Promise<readonly Address[]> = system,
): Guard {
  const names = new Set(allow.map((one) => one.toLowerCase()))
  const networks = listOf(allow.filter((one) => isIP(one.split('/')[0] ?? '') !== 0))
  return async (host) => {
    const name = host.replace(/^\[|\]$/g, '').toLowerCase()
    const family = isIP(name)
    const addresses = family === 0 ? await found(name, resolve) : [{ address: name, family: family as 4 | 6 }]
    const open = addresses.find((one) => names.has(name) || inside(networks, one) || !isPrivate(one))
    if (open !== undefined) return open
    const at = addresses[0]?.address ?? ''
    throw new OnboardError(
      'forbidden', 'private-address',
      `${host}${at === name ? '' : ` (${at})`} is not a public address; the config allows it under network.allow`,
    )
  }
}

/** Is this an address that only a private network, or this machine, has? */
export function isPrivate(one: Address): boolean {
  const four = one.family === 6 ? mapped(one.address) : undefined
  return four === undefined ? inside(blocked, one) : inside(blocked, { address: four, family: 4 })
}

/** The IPv4 address that an IPv6 one only wraps (`::ffff:10.0.0.1`, `64:ff9b::10.0.0.1`), in any of its spellings. */
function mapped(address: string): string | undefined {
  const full = new URL(`http://[${address.split('%')[0] ?? ''}]`).hostname.slice(1, -1)
  const [, high, low] = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(full) ?? []
  if (high === undefined || low === undefined) return undefined
  const bytes = [high, low].flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255])
  return bytes.join('.')
}

function inside(list: BlockList, { address, family }: Address): boolean {
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const one of networks) {
    const [address = '', bits] = one.split('/')
    const kind = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    if (bits === undefined) list.addAddress(address, kind)
    else list.addSubnet(address, Number(bits), kind)
  }
  return list
}

async function system(name: string): Promise<readonly Address[]> {
  return (await lookup(name, { all: true })) as readonly Address[]
}

async function found(
  name: string, resolve: (name: string) => Promise<readonly Address[]>,
): Promise<readonly Address[]> {
  try {
    const addresses = await resolve(name)
    if (addresses.length > 0) return addresses
  } catch (cause) {
    throw new OnboardError(
      'unreachable', 'no-such-host',
      `there is no host ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause },
    )
  }
  throw new OnboardError('unreachable', 'no-such-host', `there is no host ${name}`)
}
