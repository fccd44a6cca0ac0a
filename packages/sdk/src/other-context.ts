/**
 * Calls of other contexts of this node. They are made after the call that asks for them is durable, in its order, each
 * by itself: what comes of one is told in the node's log and changes nothing here. They run as the node's member in the
 * other context, with that member's rights there, and reach the methods that its application exposes, no others.
 */
import { host } from "./host.ts";
import { encodeStrict } from "./value.ts";

/** The methods of another application, by name: its typed client's interface is one. */
export type Methods = { readonly [name: string]: (args: never, ...more: never[]) => unknown };

export interface OtherContext<M> {
  call<Name extends keyof M & string>(method: Name, ...args: ArgumentsOf<M[Name]>): void;
}

/** The object of arguments of a method, which may be left out where the method takes none. */
type ArgumentsOf<F> = F extends (args: infer A, ...more: never[]) => unknown
  ? Record<never, never> extends A
    ? [args?: A]
    : [args: A]
  : never;

export function openOther<M>(context: string): OtherContext<M> {
  return { call: (method, ...[args = {}]) => host.callContext(context, method, encodeStrict(args)) };
}
