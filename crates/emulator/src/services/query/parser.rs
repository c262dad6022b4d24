//! From tokens to a query: a table and the steps behind it.

use crate::services::query::QueryError;
use crate::services::query::aggregate::Aggregate;
use crate::services::query::datum::Datum;
use crate::services::query::lexer::{Token, tokens};

/// Depth of parentheses and functions, so that a hostile query cannot exhaust the stack.
const DEPTH_MAX: usize = 64;

#[derive(Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) table: String,
    pub(crate) steps: Vec<Step>,
}

/// One `| …`.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    Where(Expression),
    Project(Vec<(String, Expression)>),
    ProjectAway(Vec<String>),
    Extend(Vec<(String, Expression)>),
    Summarize {
        aggregates: Vec<(Option<String>, Aggregate)>,
        by: Vec<(String, Expression)>,
    },
    /// Columns, and whether each descends.
    Order(Vec<(Expression, bool)>),
    Take(usize),
    Distinct(Vec<String>),
    Count,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Literal(Datum),
    Column(String),
    /// An operator such as `==` or `!contains` between two values.
    Binary(String, Box<Expression>, Box<Expression>),
    /// `in`, `!in`, `in~`, `!in~`.
    In(String, Box<Expression>, Vec<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Call(String, Vec<Expression>),
    /// A member of a dynamic value: `RawEventData.Id`, `RawEventData["Id"]`.
    Member(Box<Expression>, String),
}

/// Reads a whole query.
pub(crate) fn parse(query: &str) -> Result<Query, QueryError> {
    let mut parser = Parser { tokens: tokens(query)?, at: 0, depth: 0 };
    let table = parser.name()?;
    let mut steps = Vec::new();
    while parser.accept("|") {
        parser.step(&mut steps)?;
    }
    match parser.peek() {
        None => Ok(Query { table, steps }),
        Some(token) => Err(unexpected(Some(token))),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, QueryError>;

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol);
        self.at += usize::from(found);
        found
    }

    fn accept_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Parsed<()> {
        if self.accept(symbol) { Ok(()) } else { Err(unexpected(self.peek())) }
    }

    fn name(&mut self) -> Parsed<String> {
        match self.next() {
            Some(Token::Word(name) | Token::Name(name)) => Ok(name),
            other => Err(unexpected(other.as_ref())),
        }
    }

    /// One or more, with commas between.
    fn list<T>(&mut self, mut one: impl FnMut(&mut Parser) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut all = vec![one(self)?];
        while self.accept(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn step(&mut self, steps: &mut Vec<Step>) -> Parsed<()> {
        let word = self.name()?;
        let step = match word.as_str() {
            "where" | "filter" => Step::Where(self.expression()?),
            "project" => Step::Project(self.list(Parser::named)?),
            "project-away" => Step::ProjectAway(self.list(Parser::name)?),
            "project-keep" => Step::Project(self.list(|parser| {
                let name = parser.name()?;
                Ok((name.clone(), Expression::Column(name)))
            })?),
            "extend" => Step::Extend(self.list(Parser::named)?),
            "summarize" => self.summarize()?,
            "order" | "sort" => {
                if !self.accept_word("by") {
                    return Err(unexpected(self.peek()));
                }
                Step::Order(self.list(Parser::ordered)?)
            }
            "top" => {
                let count = self.count()?;
                if !self.accept_word("by") {
                    return Err(unexpected(self.peek()));
                }
                steps.push(Step::Order(self.list(Parser::ordered)?));
                Step::Take(count)
            }
            "take" | "limit" => Step::Take(self.count()?),
            "distinct" => Step::Distinct(self.list(Parser::name)?),
            "count" => Step::Count,
            other => return Err(QueryError::Syntax(format!("'{other}' is no operator that the emulator knows."))),
        };
        steps.push(step);
        Ok(())
    }

    fn count(&mut self) -> Parsed<usize> {
        match self.next() {
            Some(Token::Long(count)) => usize::try_from(count).map_err(|_| unexpected(Some(&Token::Long(count)))),
            other => Err(unexpected(other.as_ref())),
        }
    }

    /// `name = expression`, or an expression that has a name of its own.
    fn named(&mut self) -> Parsed<(String, Expression)> {
        if let Some(name) = self.assigned() {
            return Ok((name, self.expression()?));
        }
        let expression = self.expression()?;
        let name = match &expression {
            Expression::Column(name) => name.clone(),
            Expression::Member(of, member) => match &**of {
                Expression::Column(name) => format!("{name}_{member}"),
                _ => member.clone(),
            },
            _ => "Column1".to_owned(),
        };
        Ok((name, expression))
    }

    /// The name before an `=`, if that is what comes.
    fn assigned(&mut self) -> Option<String> {
        let name = match self.peek() {
            Some(Token::Word(name) | Token::Name(name)) => name.clone(),
            _ => return None,
        };
        let assigns = matches!(self.tokens.get(self.at + 1), Some(Token::Symbol("=")));
        self.at += if assigns { 2 } else { 0 };
        assigns.then_some(name)
    }

    fn ordered(&mut self) -> Parsed<(Expression, bool)> {
        let expression = self.expression()?;
        // Descending is the language's default.
        let descends = !self.accept_word("asc");
        if descends {
            self.accept_word("desc");
        }
        Ok((expression, descends))
    }

    fn summarize(&mut self) -> Parsed<Step> {
        let begins_with_by = matches!(self.peek(), Some(Token::Word(word)) if word == "by");
        let aggregates = if begins_with_by { Vec::new() } else { self.list(Parser::aggregate)? };
        let by = if self.accept_word("by") { self.list(Parser::named)? } else { Vec::new() };
        Ok(Step::Summarize { aggregates, by })
    }

    fn aggregate(&mut self) -> Parsed<(Option<String>, Aggregate)> {
        let name = self.assigned();
        let function = self.name()?;
        self.expect("(")?;
        let aggregate = match function.as_str() {
            "count" => Aggregate::Count,
            "countif" => Aggregate::CountIf(self.expression()?),
            "dcount" | "count_distinct" => Aggregate::CountDistinct(self.expression()?),
            "sum" => Aggregate::Sum(self.expression()?),
            "min" => Aggregate::Min(self.expression()?),
            "max" => Aggregate::Max(self.expression()?),
            "take_any" | "any" => Aggregate::Any(self.expression()?),
            "arg_max" | "arg_min" => {
                let of = self.expression()?;
                self.expect(",")?;
                let columns = if self.accept("*") { None } else { Some(self.list(Parser::name)?) };
                Aggregate::Extreme { largest: function == "arg_max", of, columns }
            }
            other => {
                return Err(QueryError::Semantic(format!("'{other}' is no aggregate that the emulator knows.")));
            }
        };
        self.expect(")")?;
        Ok((name, aggregate))
    }

    fn expression(&mut self) -> Parsed<Expression> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(QueryError::Syntax("The query is nested too deeply.".to_owned()));
        }
        let mut any = vec![self.all()?];
        while self.accept_word("or") {
            any.push(self.all()?);
        }
        self.depth -= 1;
        Ok(if any.len() == 1 { any.remove(0) } else { Expression::Or(any) })
    }

    fn all(&mut self) -> Parsed<Expression> {
        let mut all = vec![self.comparison()?];
        while self.accept_word("and") {
            all.push(self.comparison()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expression::And(all) })
    }

    fn comparison(&mut self) -> Parsed<Expression> {
        let left = self.primary()?;
        let operator = match self.peek() {
            Some(Token::Symbol(symbol @ ("==" | "!=" | "=~" | "!~" | "<" | "<=" | ">" | ">="))) => (*symbol).to_owned(),
            Some(Token::Word(word)) if is_operator(word) => word.clone(),
            _ => return Ok(left),
        };
        self.at += 1;
        if operator == "between" || operator == "!between" {
            return self.between(left, operator == "between");
        }
        if operator == "has_any" {
            self.expect("(")?;
            let terms = self.list(Parser::expression)?;
            self.expect(")")?;
            let has = |term| Expression::Binary("has".to_owned(), Box::new(left.clone()), Box::new(term));
            return Ok(Expression::Or(terms.into_iter().map(has).collect()));
        }
        if matches!(operator.as_str(), "in" | "!in" | "in~" | "!in~") {
            self.expect("(")?;
            let values = self.list(Parser::expression)?;
            self.expect(")")?;
            return Ok(Expression::In(operator, Box::new(left), values));
        }
        Ok(Expression::Binary(operator, Box::new(left), Box::new(self.primary()?)))
    }

    /// `between (low .. high)`, both ends included.
    fn between(&mut self, value: Expression, inside: bool) -> Parsed<Expression> {
        self.expect("(")?;
        let low = self.primary()?;
        self.expect("..")?;
        let high = self.primary()?;
        self.expect(")")?;
        let bound =
            |operator: &str, bound| Expression::Binary(operator.to_owned(), Box::new(value.clone()), Box::new(bound));
        let both = Expression::And(vec![bound(">=", low), bound("<=", high)]);
        Ok(if inside { both } else { Expression::Call("not".to_owned(), vec![both]) })
    }

    /// A value, and members of it.
    fn primary(&mut self) -> Parsed<Expression> {
        let mut expression = self.simple()?;
        loop {
            let member = match self.peek() {
                Some(Token::Symbol(".")) => {
                    self.at += 1;
                    self.name()?
                }
                Some(Token::Name(member)) => {
                    let member = member.clone();
                    self.at += 1;
                    member
                }
                _ => return Ok(expression),
            };
            expression = Expression::Member(Box::new(expression), member);
        }
    }

    fn simple(&mut self) -> Parsed<Expression> {
        if self.accept("(") {
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let literal = |datum| Ok(Expression::Literal(datum));
        match self.next() {
            Some(Token::Text(text)) => literal(Datum::Text(text)),
            Some(Token::Long(number)) => literal(Datum::Long(number)),
            Some(Token::Real(number)) => literal(Datum::Real(number)),
            Some(Token::Timespan(milliseconds)) => literal(Datum::Timespan(milliseconds)),
            Some(Token::DateTime(at)) => literal(Datum::DateTime(at)),
            Some(Token::Name(name)) => Ok(Expression::Column(name)),
            Some(Token::Word(word)) => match word.as_str() {
                "true" => literal(Datum::Bool(true)),
                "false" => literal(Datum::Bool(false)),
                _ if self.accept("(") => {
                    let arguments = if self.accept(")") { Vec::new() } else { self.arguments()? };
                    Ok(Expression::Call(word, arguments))
                }
                _ => Ok(Expression::Column(word)),
            },
            other => Err(unexpected(other.as_ref())),
        }
    }

    fn arguments(&mut self) -> Parsed<Vec<Expression>> {
        let arguments = self.list(Parser::expression)?;
        self.expect(")")?;
        Ok(arguments)
    }
}

fn is_operator(word: &str) -> bool {
    let plain = word.strip_prefix('!').unwrap_or(word);
    matches!(plain, "contains" | "has" | "has_any" | "startswith" | "endswith" | "in" | "in~" | "between")
}

fn unexpected(token: Option<&Token>) -> QueryError {
    QueryError::Syntax(match token {
        None => "The query ends too early.".to_owned(),
        Some(Token::Word(text) | Token::Name(text) | Token::Text(text)) => format!("'{text}' was not expected here."),
        Some(Token::Symbol(symbol)) => format!("'{symbol}' was not expected here."),
        Some(token) => format!("{token:?} was not expected here."),
    })
}
