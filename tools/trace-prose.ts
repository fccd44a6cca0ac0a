/** What the typist of `make-trace.ts` writes: prose of the project's own, CC0. Changing it changes the traces. */

export const LETTER: readonly string[] = [
  "Dear Zoë,",
  "you asked what happens to a document when nobody owns the machine it lives on. Here is the long answer, which I owe you since the café in Málaga. A document is not a file that someone keeps; it is what follows from everything that was ever written to it, and everyone who works on it holds all of that. When you type a letter, your own machine takes it at once and asks nobody. When the network is there, it tells the others. When it is not, it waits, and nothing is lost by waiting.",
  "The hard part is that two people write at the same time. I used to think that a lock would do, or a server that says who came first, but then the train enters a tunnel and one of us cannot write. So each letter gets a name instead: a number that only grows, and the writer's own mark beside it. A letter remembers which letter it was typed after. That is enough: put the letters that follow the same letter in the order of their names, and every machine that has seen the same letters shows the same text. No clock is asked, since clocks lie; no vote is taken, since voters sleep.",
  'What I find beautiful (you will laugh 😀) is that a sentence typed by you and a sentence typed by me never shred each other. If we both begin at one place, one of us comes first as a whole and then the other. Older schemes would deal out our letters like cards, and what came of "milk" and "eggs" was neither. Deleting is gentler than it sounds: a deleted letter keeps its name, so that those who typed beside it still know where they are, and forgets only what it said.',
  "Storing it is a matter of thrift. A name of eighteen bytes for each letter would be absurd, and so letters typed in one go are kept as a run: where it began, how long it is, what it hangs on. A thousand names make a block, and a block is written again when something in it changes. The blocks are the same on all machines, byte for byte, whatever way the letters travelled, and so two machines compare one short hash and know that they agree. I have watched them do this for a whole night; it is as dull as it should be.",
  "Whom do you trust, you asked. Each change is signed by its writer, and a change names those it had seen. Whoever passes it on can neither alter it nor hide what came before it. A writer can still be rude: delete a page, claim two things under one name, or point at letters that are not there. The first is repaired from history, the second hurts only their own text, and of the third nobody ever hears. Naïve, perhaps, but it has held so far.",
  "Come and see it when you are here. We could write your grandmother's recipes together, 中文 and all; bring the one for the almond cake 🍰, please. It works on the old laptop too, and in the garden, where there has never been any network.",
  "Yours, with love from everyone,",
  "Jørgen",
];

export const MINUTES: readonly string[] = [
  "Minutes of the working group on offline use, 14 March",
  "Present: Anaïs (chair), Björn, Chidi, Dóra, Wei (小伟). Apologies: Émile.",
  "1. Minutes of the last meeting. Accepted with one change: the budget for spare batteries is €1,200 and not €12,000. Björn apologised for the comma.",
  "2. Field trial. Chidi reported on six weeks with forty tablets in places without a reliable connection. Notes were taken in the field and merged in the evening, in a tent, from tablet to tablet. There were 3,112 notes, of which 187 had been edited by two people on the same day. Nobody lost a word. Eleven people were surprised that both versions of a heading were there; the group agreed that this is a question of wording on the screen and not of merging. Dóra will draft the wording.",
  "3. Clocks. Two tablets had been reset to the year 2000 and one ran four hours ahead. The first made no difference. The one that ran ahead had its changes held back by the others until its clock was put right, and it said so on the screen, but in a grey that could not be read in the sun ☀. Wei asked whether holding back is not a loss. It is not: they arrive later, complete, and in order. The grey will become orange.",
  '4. Storage. A tablet that was dropped into the river kept everything up to the last second that it had acknowledged. Chidi showed it; it still smells. Asked what "acknowledged" means, he said: the disk has been told to write and has answered. The group thanked the river for the test. Cost of the tablet: €180, to be taken from the battery budget.',
  "5. New members. Whoever joins receives a snapshot first and the history afterwards, as the connection allows. With ten thousand notes the snapshot took nine seconds over a telephone. Anaïs would like it to say how much is still to come. Björn would like it to be quicker. Both were noted.",
  "6. Leaving. When a tablet is lost its key is withdrawn, and what it writes from then on is not accepted by anyone who knows. What it wrote before stays. There was a long discussion on tablets that are found again; it was agreed that a found tablet starts anew and hands in its unsent notes as a parcel, which an administrator opens.",
  "7. Any other business. Dóra asked for a way to write together in one paragraph without fear. She and Wei tried it in the meeting, both typing into this very line: it worked — twice — and the second time they stopped laughing and went on with the agenda. 👏",
  "8. Next meeting: 11 April, 10:00, at the usual table. Everyone brings a full battery and an umbrella ☂.",
];

export const SHARED: readonly string[] = [
  "The well was deeper than we thought, about nine metres, and the rope was seven.",
  "We went back for a second rope, and for Lena's camera, and found the door locked 🔒.",
  "In the evening the water was clear; the sample is number 41, in the blue crate.",
  "Someone should ask the neighbours about the old pipe: it is not on any of our maps.",
];
