/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Selectors of Jakarta Messaging and SQL92 expressions of RocketMQ: one grammar, one evaluator.
 *
 * <pre>
 *  text --Lexer--&gt; tokens --Parser--&gt; Expression, kept by a Filter; evaluated on Attributes (a stored message's)
 * </pre>
 */
@NullMarked
package org.polymq.broker.filter;

import org.jspecify.annotations.NullMarked;
