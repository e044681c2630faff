// What the page asks: the pairs of the kit, each with its steps and their questions.
const kit = JSON.parse(document.getElementById("kit").textContent);

const SIDES = [
  { id: "left", label: "Left" },
  { id: "right", label: "Right" },
];

const VERDICTS = [
  { value: "left", label: "Left", key: "1" },
  { value: "tie", label: "Equal", key: "2" },
  { value: "right", label: "Right", key: "3" },
];

// A question's id, made from what an answer to it says it is about.
const verdictId = ({ pair, aspect }) => `preference/${pair}/${aspect}`;
const scoreId = ({ pair, side, scale, item }) => `rating/${pair}/${side}/${scale}/${item}`;

function compareQuestion(pair, aspect) {
  const about = { pair: pair.id, aspect: aspect.id };
  return {
    id: verdictId(about),
    entry: { list: "preferences", ...about },
    label: aspect.label,
    text: aspect.question,
    more: aspect.look_for,
    options: VERDICTS,
  };
}

function compareStep(pair) {
  return {
    name: "Compare",
    title: "Which session is better?",
    task: "",
    keys: "Press 1 for the left session, 2 for equal, 3 for the right one.",
    questions: kit.aspects.map((aspect) => compareQuestion(pair, aspect)),
  };
}

function scoreOptions(scale) {
  const count = scale.highest - scale.lowest + 1;
  return Array.from({ length: count }, (_, place) => {
    const score = scale.lowest + place;
    return { value: score, label: String(score), key: String(score) };
  });
}

function rateQuestion(pair, scale, side, item) {
  const about = { pair: pair.id, side: side.id, scale: scale.id, item: item.id };
  return {
    id: scoreId(about),
    entry: { list: "ratings", ...about },
    label: item.label,
    text: item.text,
    anchors: item.anchors,
    options: scoreOptions(scale),
  };
}

function rateStep(pair, scale, side) {
  return {
    name: `${side.label}: ${scale.name}`,
    title: `${side.label} session: ${scale.title}`,
    task: scale.task,
    keys: `Press a digit from ${scale.lowest} to ${scale.highest}.`,
    side: side.id,
    questions: scale.items.map((item) => rateQuestion(pair, scale, side, item)),
  };
}

function stepsOf(pair) {
  const compare = kit.aspects.length ? [compareStep(pair)] : [];
  const rate = kit.scales.flatMap((scale) => SIDES.map((side) => rateStep(pair, scale, side)));
  return [...compare, ...rate];
}

const pairs = kit.pairs.map((pair) => ({ ...pair, steps: stepsOf(pair) }));
const questions = pairs.flatMap((pair) => pair.steps.flatMap((step) => step.questions));
const questionById = new Map(questions.map((question) => [question.id, question]));
