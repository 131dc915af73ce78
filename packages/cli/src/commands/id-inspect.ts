import { parseTrustDomain, type TrustDomain } from '@meshid/spiffe-id'
import type { Command } from 'commander'
import { type IdForm, type IdKind, inspectId } from '../inspect-id.ts'
import type { CliIo } from '../io.ts'
import { printFacts, printJson } from '../print.ts'

interface IdInspectOptions {
  readonly trustDomain?: TrustDomain
  readonly controlNamespace?: string
  readonly json?: true
}

const kinds: Readonly<Record<IdKind, string>> = {
  'spiffe-id': 'SPIFFE ID',
  'service-account': 'Kubernetes service account',
  'linkerd-name': 'Linkerd name',
}

/** Adds `meshid id inspect`. */
export function addIdInspect(id: Command, io: CliIo): void {
  id.command('inspect')
    .description('say what kind of name a text is, and write it in every equivalent form')
    .argument('<text>', 'a SPIFFE ID, a service account as TokenReview names it, or a Linkerd name')
    .option('--trust-domain <name>', 'the trust domain, such as cluster.local', (name) => parseTrustDomain(name))
    .option('--control-namespace <name>', 'where the control plane runs, usually linkerd')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ meshid id inspect spiffe://cluster.local/ns/emojivoto/sa/web --control-namespace linkerd
  $ meshid id inspect system:serviceaccount:emojivoto:web --trust-domain cluster.local
  $ meshid id inspect web.emojivoto.serviceaccount.identity.linkerd.cluster.local --json`,
    )
    .action((text: string, options: IdInspectOptions) => runIdInspect(text, options, io))
}

function runIdInspect(text: string, options: IdInspectOptions, io: CliIo): void {
  const { kind, ...forms } = inspectId(text, options)
  if (options.json === true) {
    const missing = Object.entries(forms).flatMap(([name, form]) => ('text' in form ? [] : [[name, form.missing]]))
    const texts = Object.entries(forms).map(([name, form]) => [name, 'text' in form ? form.text : null])
    printJson({ kind, ...Object.fromEntries(texts), missing: Object.fromEntries(missing) }, io)
    return
  }
  const show = (form: IdForm): string => ('text' in form ? form.text : `none (${form.missing})`)
  printFacts(
    [
      ['Kind', kinds[kind]],
      ['Trust domain', show(forms.trustDomain)],
      ['SPIFFE ID', show(forms.spiffeId)],
      ['Service account', show(forms.serviceAccount)],
      ['Linkerd name', show(forms.linkerdName)],
    ],
    io,
  )
}
