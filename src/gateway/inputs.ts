/** Fields of forms, each with its label, and with what was wrong with it beside it. */
import { type Html, html } from './html.ts'

interface Input {
  readonly id: string
  readonly label: string
  readonly type: 'email' | 'password' | 'text'
  /** Of the HTML standard: `username`, `current-password`, `new-password`, `one-time-code`. */
  readonly autocomplete: string
  readonly value?: string
  readonly hint?: string
  readonly error?: string | undefined
  readonly inputmode?: 'numeric'
}

export function input({ id, label, type, autocomplete, value, hint, error, inputmode }: Input): Html {
  const described = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`].join(' ').trim()
  const more = [
    value !== undefined && html` value="${value}"`,
    inputmode !== undefined && html` inputmode="${inputmode}"`,
    described !== '' && html` aria-describedby="${described}"`,
    error !== undefined && html` aria-invalid="true"`,
  ]
  return html`<div class="field">
<label for="${id}">${label}</label>
${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}
${error !== undefined && html`<p class="error" id="${id}-error">${error}</p>`}
<input id="${id}" name="${id}" type="${type}" autocomplete="${autocomplete}" required${more}>
</div>`
}

/** The way out of a session that is not complete: whoever is not meant could do nothing else. */
export function signOutForm(tenant: string, token: Html): Html {
  return html`<form class="out" method="post" action="/t/${tenant}/logout">
${token}
<button class="second" type="submit">Sign out</button>
</form>`
}

/** A form that is sent to this path by its one button. */
export function form(action: string, button: string, ...content: readonly (Html | false)[]): Html {
  return html`<form method="post" action="${action}">
${content}
<button type="submit">${button}</button>
</form>`
}
