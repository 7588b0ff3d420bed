import { BlockList, isIP } from 'node:net'

/**
 * Is this address in one of the networks? None named: from anywhere.
 * @param networks in CIDR form or single addresses; what is neither holds nobody
 * @param ip as the connection or a trusted proxy says; IPv4 within IPv6 (`::ffff:203.0.113.7`) is that IPv4
 */
export function isInside(networks: readonly string[], ip: string): boolean {
  if (networks.length === 0) return true
  const address = plain(ip)
  const family = isIP(address)
  if (family === 0) return false
  const list = new BlockList()
  for (const one of networks) add(list, one)
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

function add(list: BlockList, network: string): void {
  const [written = '', bits] = network.split('/')
  const address = plain(written)
  const family = isIP(address)
  if (family === 0) return
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  // A network of IPv4 written within IPv6 has 96 bits before its own.
  const length = bits === undefined ? undefined : Number(bits) - (family === 4 && isIP(written) === 6 ? 96 : 0)
  if (length === undefined) return list.addAddress(address, kind)
  if (Number.isInteger(length) && length >= 0 && length <= (family === 4 ? 32 : 128))
    list.addSubnet(address, length, kind)
}

/** Without a zone, and as IPv4 where it only wraps one, in any spelling. */
function plain(ip: string): string {
  const address = ip.split('%')[0] ?? ''
  if (isIP(address) !== 6) return address
  const full = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(full) ?? []
  if (high === undefined || low === undefined) return full
  return [high, low].flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255]).join('.')
}
