/** Where a request ended, and what is there. */
export interface Page {
  readonly url: string
  readonly status: number
  readonly text: string
}

/** A browser as far as redirects, cookies and forms go; nothing of a page runs. */
export interface CookieBrowser {
  /** By name; a host's ports share them, as in browsers. */
  readonly cookies: Map<string, string>
  /** One request: no redirect is followed. */
  send(url: string, init?: RequestInit): Promise<Response>
  /** Follows redirects to the end. */
  open(url: string, init?: RequestInit): Promise<Page>
  /** Sends the first form of a page with these fields, beside its hidden ones. */
  submit(page: Pick<Page, 'url' | 'text'>, fields: Record<string, string>): Promise<Page>
}

const MOST_REDIRECTS = 12
/** A cookie that is taken back. */
const ENDED = /;\s*(?:max-age=0|expires=thu, 01 jan 1970)/i

/** @param from the address that it seems to come from, where a proxy is believed that says so */
export function cookieBrowser({ from }: { readonly from?: string } = {}): CookieBrowser {
  const cookies = new Map<string, string>()
  const send: CookieBrowser['send'] = async (url, init = {}) => {
    const headers = new Headers(init.headers)
    headers.set('accept', 'text/html')
    if (from !== undefined) headers.set('x-forwarded-for', from)
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || ENDED.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  const open: CookieBrowser['open'] = async (url, init) => {
    let at = url
    let answer = await send(at, init)
    for (let left = MOST_REDIRECTS; left > 0 && answer.status >= 300 && answer.status < 400; left--) {
      at = new URL(answer.headers.get('location') ?? '', at).href
      await answer.body?.cancel()
      answer = await send(at)
    }
    return { url: at, status: answer.status, text: await answer.text() }
  }
  return {
    cookies, send, open,
    submit({ url, text }, fields) {
      const form = /<form[^>]*>[\s\S]*?<\/form>/i.exec(text)?.[0] ?? ''
      const action = /<form[^>]*\baction="([^"]*)"/i.exec(form)?.[1] ?? url
      const inputs = [...form.matchAll(/<input[^>]*type="hidden"[^>]*>/gi)]
      const hidden = inputs.map(([one]): [string, string] => [attribute(one, 'name'), attribute(one, 'value')])
      const body = new URLSearchParams([...hidden, ...Object.entries(fields)])
      const target = new URL(action.replaceAll('&amp;', '&'), url).href
      return open(target, { method: 'POST', body, headers: { origin: new URL(url).origin } })
    },
  }
}

const attribute = (tag: string, name: string): string => new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1] ?? ''
