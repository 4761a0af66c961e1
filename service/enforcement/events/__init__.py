"""Events that the host reports, and rules over them (Articles 2.1.1, 2.7.2, 3.4.2.2).

`model` is the event and what may be said in one, `rule` reads a rule file and checks its condition
(CEL) when it is loaded, `reading` turns bytes into events, `tables` and `store` keep what rules
count, `flow` records an event and lets the rules speak, `dormant` asks them about accounts that
were not seen for long, and `routes` is the door. The rules themselves are data in
`service/enforcement/rules/`, one file each.
"""
