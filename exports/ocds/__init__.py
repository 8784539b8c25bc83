"""Transactions as Open Contracting Data Standard 1.1: releases and records, linked by ocid, valid against the schema kept beside. See docs/documents.md."""
