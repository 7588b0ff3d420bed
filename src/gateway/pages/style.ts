/** The one style sheet: readable without it, wide enough for thumbs, a contrast of 4.5 to 1 and more, light or dark. */
export const STYLE = `
:root {
  color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --quiet: #57606a; --line: #6e7781;
  --act: #0b5cad; --on-act: #ffffff; --bad: #b3261e; --good: #1a6b35;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6edf3; --paper: #0d1117; --quiet: #9aa5b1; --line: #8b949e; --act: #78b5ff;
    --on-act: #0d1117; --bad: #ff8a80; --good: #6fd08c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 30rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1.25rem; }
h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
.tenant { margin: 0 0 .25rem; color: var(--quiet); font-weight: 600; }
.field { margin: 0 0 1.25rem; }
label { display: block; font-weight: 600; margin-bottom: .25rem; }
.hint { margin: 0 0 .25rem; color: var(--quiet); }
.error { margin: 0 0 .25rem; color: var(--bad); font-weight: 600; }
input:not([type=hidden]) {
  width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: .375rem;
}
input[aria-invalid] { border: 2px solid var(--bad); }
button, .button {
  display: block; width: 100%; min-height: 2.75rem; padding: .5rem 1rem; font: inherit;
  font-weight: 600; text-align: center; text-decoration: none; color: var(--on-act);
  background: var(--act); border: 1px solid var(--act); border-radius: .375rem; cursor: pointer;
}
.button.second, button.second { color: var(--act); background: transparent; }
a { color: var(--act); }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
.errors { border: 2px solid var(--bad); border-radius: .375rem; padding: 1rem; margin: 0 0 1.5rem; }
.errors ul { margin: 0; padding-left: 1.25rem; }
.errors, .errors a { color: var(--bad); }
.notice { border-left: .25rem solid var(--good); padding: .25rem 0 .25rem 1rem; margin: 0 0 1.5rem; }
form.out { margin-top: 1.5rem; }
summary { color: var(--act); cursor: pointer; }
.or { margin: 1.5rem 0; color: var(--quiet); text-align: center; }
code { font-size: 1.05em; overflow-wrap: anywhere; }
dl { margin: 0 0 1.5rem; } dt { color: var(--quiet); } dd { margin: 0 0 .75rem; }
ul.links { list-style: none; margin: 0 0 1.5rem; padding: 0; } ul.links li { margin-bottom: .75rem; }
`
