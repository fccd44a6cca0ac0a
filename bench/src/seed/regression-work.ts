/** The guide's regression test: a register takes in others that are made as it goes, each with an id of its own. */
import { nextStamp, type Stamp } from "@dunlin/core/base";
import { joinRegisters, type RegisterCell } from "@dunlin/core/crdt";
import { check, checkedWork, keep, type Work } from "../measure.ts";
import { PlainRegister, plainReplica } from "../reference/plain-crdt.ts";
import { drawActor } from "../subject.ts";

export function freshMerges(count: number): Work {
  return checkedWork(`fresh merges x${count}, cells`, () => {
    let last = 0 as Stamp;
    let result: RegisterCell | undefined;
    const draw = (content: string): RegisterCell => {
      last = nextStamp(last, Date.now());
      return { content, stamp: last, actor: drawActor() };
    };
    return {
      run: () => {
        let register = draw("test");
        for (let i = 0; i < count; i++) register = joinRegisters(register, draw(`value_${i}`));
        result = register;
        keep(result);
      },
      verify: () => check(result?.content === `value_${count - 1}`, "the last register has won"),
    };
  });
}

export function plainFreshMerges(count: number): Work {
  return checkedWork(`fresh merges x${count}`, () => {
    let register = new PlainRegister("", 0, "");
    return {
      run: () => {
        register = new PlainRegister("test", Date.now(), plainReplica());
        for (let i = 0; i < count; i++) register.merge(new PlainRegister(`value_${i}`, Date.now(), plainReplica()));
        keep(register);
      },
      // Of equal milliseconds the greater replica wins, so it need not be the last.
      verify: () => check(register.value.startsWith("value_") || register.value === "test", "a register is left"),
    };
  });
}
