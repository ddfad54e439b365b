# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IAM, where it is switched on: a caller with policies may do what they allow, and nothing else.

`reference.py` knows what an action is authorized on (from AWS's service authorization reference), `ec2.py` and
`services.py` what a call is about, `documents.py` what a policy says of that, `enforcement.py` puts them together.
"""
