// Made from delivery.json by a test of sharetrail, which holds the two to each other. Change delivery.json.

metadata description = 'What delivery needs: the tables of sharetrail, a data collection rule with their streams, and the role of whoever delivers. Deploy it into the resource group of the workspace.'

@description('The Log Analytics workspace, in this resource group.')
param workspaceName string

@description('The region of the workspace: the rule has to be in the same.')
param location string = resourceGroup().location

@minLength(3)
@maxLength(64)
@description('Name of the data collection rule.')
param ruleName string = 'sharetrail'

@description('Object id of the managed identity, or of the application\'s service principal, that delivers. Empty: give the role later.')
param principalId string = ''

@description('Also a table MCAS_CL, with the columns of the share report that older scripts sent.')
param shareReport bool = false

@description('Name of a data collection endpoint to make, which private link needs. Empty: the rule has an endpoint of its own.')
param endpointName string = ''

@allowed([
  'Enabled'
  'Disabled'
])
@description('Whether that endpoint takes rows from everywhere, or through a private link only.')
param endpointPublicAccess string = 'Disabled'

@minValue(-1)
@maxValue(730)
@description('How many days the rows can be queried, from 4 on. -1: as the workspace says.')
param retentionInDays int = -1

@minValue(-1)
@maxValue(4383)
@description('How many days the rows are kept in all. -1: as long as they can be queried.')
param totalRetentionInDays int = -1

var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

var endpoint = empty(endpointName) ? 'unused' : endpointName

var streams = {
  'Custom-ShareTrailAccess_CL': {
    columns: [
      { name: 'TimeGenerated', type: 'datetime' }
      { name: 'LastAt', type: 'datetime' }
      { name: 'AccessId', type: 'string' }
      { name: 'Revision', type: 'long' }
      { name: 'Withdrawn', type: 'boolean' }
      { name: 'ConcludedAt', type: 'datetime' }
      { name: 'TenantName', type: 'string' }
      { name: 'Person', type: 'string' }
      { name: 'PersonKind', type: 'string' }
      { name: 'PersonBasis', type: 'string' }
      { name: 'Domain', type: 'string' }
      { name: 'Action', type: 'string' }
      { name: 'Operation', type: 'string' }
      { name: 'Records', type: 'long' }
      { name: 'ItemId', type: 'string' }
      { name: 'ItemUrl', type: 'string' }
      { name: 'ItemName', type: 'string' }
      { name: 'ItemType', type: 'string' }
      { name: 'SiteUrl', type: 'string' }
      { name: 'ZipName', type: 'string' }
      { name: 'ShareId', type: 'string' }
      { name: 'OtherShareIds', type: 'dynamic' }
      { name: 'ShareKind', type: 'string' }
      { name: 'SharedBy', type: 'string' }
      { name: 'SharedAt', type: 'datetime' }
      { name: 'MatchRule', type: 'string' }
      { name: 'Confidence', type: 'string' }
      { name: 'Classified', type: 'boolean' }
      { name: 'ClassificationLevel', type: 'string' }
      { name: 'LabelId', type: 'string' }
      { name: 'LabelName', type: 'string' }
      { name: 'ClassificationSource', type: 'string' }
      { name: 'ClientIp', type: 'string' }
      { name: 'Country', type: 'string' }
      { name: 'City', type: 'string' }
      { name: 'ClientKind', type: 'string' }
      { name: 'UserAgent', type: 'string' }
      { name: 'ManagedDevice', type: 'boolean' }
      { name: 'App', type: 'string' }
      { name: 'DefenderSaysExternal', type: 'boolean' }
      { name: 'Feeds', type: 'dynamic' }
      { name: 'EvidenceIds', type: 'dynamic' }
      { name: 'Truncated', type: 'string' }
    ]
  }
  'Custom-ShareTrailShare_CL': {
    columns: [
      { name: 'TimeGenerated', type: 'datetime' }
      { name: 'ShareId', type: 'string' }
      { name: 'LinkId', type: 'string' }
      { name: 'Revision', type: 'long' }
      { name: 'Withdrawn', type: 'boolean' }
      { name: 'ConcludedAt', type: 'datetime' }
      { name: 'TenantName', type: 'string' }
      { name: 'ShareKind', type: 'string' }
      { name: 'Permission', type: 'string' }
      { name: 'ItemId', type: 'string' }
      { name: 'ItemUrl', type: 'string' }
      { name: 'ItemName', type: 'string' }
      { name: 'ItemType', type: 'string' }
      { name: 'SiteUrl', type: 'string' }
      { name: 'Recipient', type: 'string' }
      { name: 'RecipientKind', type: 'string' }
      { name: 'Domain', type: 'string' }
      { name: 'SharedBy', type: 'string' }
      { name: 'SharedAt', type: 'datetime' }
      { name: 'AcceptedAt', type: 'datetime' }
      { name: 'FirstUsedAt', type: 'datetime' }
      { name: 'LastUsedAt', type: 'datetime' }
      { name: 'Uses', type: 'long' }
      { name: 'EndedAt', type: 'datetime' }
      { name: 'EndReason', type: 'string' }
      { name: 'State', type: 'string' }
      { name: 'Confidence', type: 'string' }
      { name: 'ClassifiedNow', type: 'boolean' }
      { name: 'ClassificationLevel', type: 'string' }
      { name: 'LabelId', type: 'string' }
      { name: 'LabelName', type: 'string' }
      { name: 'ClassificationSource', type: 'string' }
      { name: 'EvidenceIds', type: 'dynamic' }
      { name: 'Truncated', type: 'string' }
    ]
  }
  'Custom-ShareTrailGap_CL': {
    columns: [
      { name: 'TimeGenerated', type: 'datetime' }
      { name: 'GapId', type: 'string' }
      { name: 'Revision', type: 'long' }
      { name: 'TenantName', type: 'string' }
      { name: 'Feed', type: 'string' }
      { name: 'FromTime', type: 'datetime' }
      { name: 'ToTime', type: 'datetime' }
      { name: 'Reason', type: 'string' }
      { name: 'Truncated', type: 'string' }
    ]
  }
  'Custom-ShareTrailActivity_CL': {
    columns: [
      { name: 'TimeGenerated', type: 'datetime' }
      { name: 'ActivityId', type: 'string' }
      { name: 'TenantName', type: 'string' }
      { name: 'Operation', type: 'string' }
      { name: 'Workload', type: 'string' }
      { name: 'Person', type: 'string' }
      { name: 'PersonKind', type: 'string' }
      { name: 'ItemId', type: 'string' }
      { name: 'ItemUrl', type: 'string' }
      { name: 'ItemName', type: 'string' }
      { name: 'ItemType', type: 'string' }
      { name: 'SiteUrl', type: 'string' }
      { name: 'Target', type: 'string' }
      { name: 'TargetKind', type: 'string' }
      { name: 'LinkId', type: 'string' }
      { name: 'LabelId', type: 'string' }
      { name: 'SiteLabelId', type: 'string' }
      { name: 'Changes', type: 'string' }
      { name: 'ClientIp', type: 'string' }
      { name: 'ClientKind', type: 'string' }
      { name: 'UserAgent', type: 'string' }
      { name: 'App', type: 'string' }
      { name: 'Feeds', type: 'dynamic' }
      { name: 'Truncated', type: 'string' }
    ]
  }
}

var flows = [
  {
    streams: [
      'Custom-ShareTrailAccess_CL'
    ]
    destinations: [
      'workspace'
    ]
    transformKql: 'source'
    outputStream: 'Custom-ShareTrailAccess_CL'
  }
  {
    streams: [
      'Custom-ShareTrailShare_CL'
    ]
    destinations: [
      'workspace'
    ]
    transformKql: 'source'
    outputStream: 'Custom-ShareTrailShare_CL'
  }
  {
    streams: [
      'Custom-ShareTrailGap_CL'
    ]
    destinations: [
      'workspace'
    ]
    transformKql: 'source'
    outputStream: 'Custom-ShareTrailGap_CL'
  }
  {
    streams: [
      'Custom-ShareTrailActivity_CL'
    ]
    destinations: [
      'workspace'
    ]
    transformKql: 'source'
    outputStream: 'Custom-ShareTrailActivity_CL'
  }
]

var shareReportStreams = {
  'Custom-MCAS_CL': {
    columns: [
      { name: 'Description', type: 'string' }
      { name: 'Operation', type: 'string' }
      { name: 'Severity', type: 'string' }
      { name: 'Collaborator', type: 'string' }
      { name: 'CreatedDateTime', type: 'string' }
      { name: 'UserId', type: 'string' }
      { name: 'ResolvedUser', type: 'string' }
      { name: 'UserKey', type: 'string' }
      { name: 'SiteUrl', type: 'string' }
      { name: 'SourceFileName', type: 'string' }
      { name: 'SourceRelativeUrl', type: 'string' }
      { name: 'FileUrl', type: 'string' }
      { name: 'ObjectId', type: 'string' }
      { name: 'AccessLocation', type: 'string' }
      { name: 'AppName', type: 'string' }
      { name: 'Truncated', type: 'string' }
    ]
  }
}

var shareReportFlows = [
  {
    streams: [
      'Custom-MCAS_CL'
    ]
    destinations: [
      'workspace'
    ]
    transformKql: 'source | extend TimeGenerated = todatetime(CreatedDateTime)'
    outputStream: 'Custom-MCAS_CL'
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

// Who outside reached which file: one row a person, item and kind of action.
resource table 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = {
  name: '${workspaceName}/ShareTrailAccess_CL'
  properties: {
    plan: 'Analytics'
    retentionInDays: retentionInDays
    totalRetentionInDays: totalRetentionInDays
    schema: {
      name: 'ShareTrailAccess_CL'
      columns: [
        { name: 'TimeGenerated', type: 'dateTime', description: 'Event time of the first record.' }
        { name: 'LastAt', type: 'dateTime', description: 'Event time of the last record.' }
        { name: 'AccessId', type: 'string', description: 'Stable id of the access: a hash of the tenant and the first record\'s id.' }
        { name: 'Revision', type: 'long', description: 'Readers take the latest revision of an id.' }
        { name: 'Withdrawn', type: 'boolean', description: 'Whether the conclusion no longer holds.' }
        { name: 'ConcludedAt', type: 'dateTime', description: 'When this revision was concluded.' }
        { name: 'TenantName', type: 'string', description: 'Whose files.' }
        { name: 'Person', type: 'string', description: 'Who, under the one name that all forms of the identity share; anon:… groups a nameless visitor.' }
        { name: 'PersonKind', type: 'string', description: 'guest, passcode_guest, anonymous, foreign, partner_admin: the form in the first record.' }
        { name: 'PersonBasis', type: 'string', description: 'What the verdict "outside" rests on.' }
        { name: 'Domain', type: 'string', description: 'The person\'s mail domain.' }
        { name: 'Action', type: 'string', description: 'read, weak_read, take, change, delete, browse, redeem.' }
        { name: 'Operation', type: 'string', description: 'Operation of the first record, as received.' }
        { name: 'Records', type: 'long', description: 'How many records it rests on.' }
        { name: 'ItemId', type: 'string', description: '<site id>|<item id>, else the normalised URL.' }
        { name: 'ItemUrl', type: 'string', description: 'URL at that moment.' }
        { name: 'ItemName', type: 'string', description: 'File or folder name at that moment.' }
        { name: 'ItemType', type: 'string', description: 'File, Folder, Site, …' }
        { name: 'SiteUrl', type: 'string', description: 'Address of the site.' }
        { name: 'ZipName', type: 'string', description: 'The archive in which it was downloaded.' }
        {
          name: 'ShareId'
          type: 'string'
          description: 'The share it came through; empty, as are the columns about it, where none is known or several are as likely.'
        }
        { name: 'OtherShareIds', type: 'dynamic', description: 'Further shares that would have let the person in.' }
        { name: 'ShareKind', type: 'string', description: 'Kind of that share.' }
        { name: 'SharedBy', type: 'string', description: 'Who shared.' }
        { name: 'SharedAt', type: 'dateTime', description: 'When it was shared.' }
        {
          name: 'MatchRule'
          type: 'string'
          description: 'The rule that matched access and share: link_used, recipient_item, recipient_ancestor, anonymous_session, link_used_before, site_membership, only_live_link, none.'
        }
        {
          name: 'Confidence'
          type: 'string'
          description: 'How sure the match is: certain, probable, possible; without a share none (no share let them in) or unknown (it may have been made before the records begin).'
        }
        {
          name: 'Classified'
          type: 'boolean'
          description: 'Whether the item was classified at that moment; empty where nothing is known, which is not false.'
        }
        {
          name: 'ClassificationLevel'
          type: 'string'
          description: 'Level of the classification: a label\'s name, the level of a declared place, or unknown-label.'
        }
        { name: 'LabelId', type: 'string', description: 'Id of the sensitivity label that the item had at that moment, as far as records tell; few bear one.' }
        { name: 'LabelName', type: 'string', description: 'Sensitivity label name.' }
        {
          name: 'ClassificationSource'
          type: 'string'
          description: 'What the verdict "classified" rests on: file_label, label_event, site_label, declared, strongest first.'
        }
        { name: 'ClientIp', type: 'string', description: 'Client address.' }
        { name: 'Country', type: 'string', description: 'Country of the address, as Defender says.' }
        { name: 'City', type: 'string', description: 'City of the address, as Defender says.' }
        { name: 'ClientKind', type: 'string', description: 'person, service, sync, bot.' }
        { name: 'UserAgent', type: 'string', description: 'User agent.' }
        { name: 'ManagedDevice', type: 'boolean', description: 'Whether the device was managed.' }
        { name: 'App', type: 'string', description: 'Acting application.' }
        { name: 'DefenderSaysExternal', type: 'boolean', description: 'Defender\'s own opinion, from its list of domains; changes no verdict.' }
        { name: 'Feeds', type: 'dynamic', description: 'Which feeds saw it.' }
        { name: 'EvidenceIds', type: 'dynamic', description: 'Ids of the records it rests on, in order of (time, id).' }
        { name: 'Truncated', type: 'string', description: 'Names of the columns whose text was cut at 64 KiB.' }
      ]
    }
  }
}

// Ways in: links, invitations, grants and memberships, with what became of them.
resource table2 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = {
  name: '${workspaceName}/ShareTrailShare_CL'
  properties: {
    plan: 'Analytics'
    retentionInDays: retentionInDays
    totalRetentionInDays: totalRetentionInDays
    schema: {
      name: 'ShareTrailShare_CL'
      columns: [
        { name: 'TimeGenerated', type: 'dateTime', description: 'When it was made, else the first sign of it.' }
        { name: 'ShareId', type: 'string', description: 'Stable id: the link\'s for anyone, else the link\'s and a hash of the recipient.' }
        { name: 'LinkId', type: 'string', description: 'The link.' }
        { name: 'Revision', type: 'long', description: 'Readers take the latest revision of an id.' }
        { name: 'Withdrawn', type: 'boolean', description: 'The conclusion no longer holds.' }
        { name: 'ConcludedAt', type: 'dateTime', description: 'When this revision was concluded.' }
        { name: 'TenantName', type: 'string', description: 'Whose files.' }
        { name: 'ShareKind', type: 'string', description: 'anyone, specific_people, invitation, direct, site_membership, unknown.' }
        { name: 'Permission', type: 'string', description: 'View, Edit, … as far as the records tell.' }
        { name: 'ItemId', type: 'string', description: '<site id>|<item id>, else the normalised URL.' }
        { name: 'ItemUrl', type: 'string', description: 'URL of the shared item.' }
        { name: 'ItemName', type: 'string', description: 'Its name.' }
        { name: 'ItemType', type: 'string', description: 'File, Folder, Site, …' }
        { name: 'SiteUrl', type: 'string', description: 'The site.' }
        { name: 'Recipient', type: 'string', description: 'Canonical identity of the recipient; empty for anyone.' }
        { name: 'RecipientKind', type: 'string', description: 'What the recipient is: as PersonKind, and anyone, group.' }
        { name: 'Domain', type: 'string', description: 'The recipient\'s mail domain.' }
        { name: 'SharedBy', type: 'string', description: 'Who shared.' }
        { name: 'SharedAt', type: 'dateTime', description: 'When; empty when the making was not seen.' }
        { name: 'AcceptedAt', type: 'dateTime', description: 'When the invitation was accepted.' }
        { name: 'FirstUsedAt', type: 'dateTime', description: 'First access that came through it.' }
        { name: 'LastUsedAt', type: 'dateTime', description: 'Last access that came through it.' }
        { name: 'Uses', type: 'long', description: 'Accesses that came through it.' }
        { name: 'EndedAt', type: 'dateTime', description: 'When it ended, or will.' }
        { name: 'EndReason', type: 'string', description: 'Why.' }
        { name: 'State', type: 'string', description: 'live, realised, dormant, ended, blocked; expired in reports only.' }
        { name: 'Confidence', type: 'string', description: 'certain, or possible for groups of unknown membership.' }
        { name: 'ClassifiedNow', type: 'boolean', description: 'Whether the item is classified now; empty where nothing is known, which is not false.' }
        { name: 'ClassificationLevel', type: 'string', description: 'Its level.' }
        { name: 'LabelId', type: 'string', description: 'Sensitivity label id.' }
        { name: 'LabelName', type: 'string', description: 'Sensitivity label name.' }
        { name: 'ClassificationSource', type: 'string', description: 'What the verdict rests on.' }
        { name: 'EvidenceIds', type: 'dynamic', description: 'Ids of the records it rests on, in order of (time, id).' }
        { name: 'Truncated', type: 'string', description: 'Names of the columns whose text was cut at 64 KiB.' }
      ]
    }
  }
}

// What could not be had.
resource table3 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = {
  name: '${workspaceName}/ShareTrailGap_CL'
  properties: {
    plan: 'Analytics'
    retentionInDays: retentionInDays
    totalRetentionInDays: totalRetentionInDays
    schema: {
      name: 'ShareTrailGap_CL'
      columns: [
        { name: 'TimeGenerated', type: 'dateTime', description: 'Begin of the span.' }
        { name: 'GapId', type: 'string', description: 'Stable id.' }
        { name: 'Revision', type: 'long', description: 'Readers take the latest revision of an id.' }
        { name: 'TenantName', type: 'string', description: 'Whose feed.' }
        { name: 'Feed', type: 'string', description: 'Which feed.' }
        { name: 'FromTime', type: 'dateTime', description: 'Begin of the span on the service\'s clock.' }
        { name: 'ToTime', type: 'dateTime', description: 'End of the span.' }
        { name: 'Reason', type: 'string', description: 'Why, in words.' }
        { name: 'Truncated', type: 'string', description: 'Names of the columns whose text was cut at 64 KiB.' }
      ]
    }
  }
}

// Every activity that was kept. It stays empty, and costs nothing, unless activity_stream is configured.
resource table4 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = {
  name: '${workspaceName}/ShareTrailActivity_CL'
  properties: {
    plan: 'Analytics'
    retentionInDays: retentionInDays
    totalRetentionInDays: totalRetentionInDays
    schema: {
      name: 'ShareTrailActivity_CL'
      columns: [
        { name: 'TimeGenerated', type: 'dateTime', description: 'Event time.' }
        { name: 'ActivityId', type: 'string', description: 'The audit record\'s Id.' }
        { name: 'TenantName', type: 'string', description: 'Whose files.' }
        { name: 'Operation', type: 'string', description: 'Operation, as received.' }
        { name: 'Workload', type: 'string', description: 'Workload.' }
        { name: 'Person', type: 'string', description: 'Canonical identity of the actor.' }
        { name: 'PersonKind', type: 'string', description: 'Kind of actor.' }
        { name: 'ItemId', type: 'string', description: '<site id>|<item id>, else the normalised URL.' }
        { name: 'ItemUrl', type: 'string', description: 'URL at that moment.' }
        { name: 'ItemName', type: 'string', description: 'Name at that moment.' }
        { name: 'ItemType', type: 'string', description: 'File, Folder, Site, …' }
        { name: 'SiteUrl', type: 'string', description: 'The site.' }
        { name: 'Target', type: 'string', description: 'Whom a sharing operation was aimed at, canonical.' }
        { name: 'TargetKind', type: 'string', description: 'Kind of that target.' }
        { name: 'LinkId', type: 'string', description: 'UniqueSharingId.' }
        { name: 'LabelId', type: 'string', description: 'The file\'s sensitivity label at that moment.' }
        { name: 'SiteLabelId', type: 'string', description: 'The site\'s sensitivity label at that moment.' }
        { name: 'Changes', type: 'string', description: 'What an administrator changed about how sites may be shared: property: before -> after, one a line.' }
        { name: 'ClientIp', type: 'string', description: 'Client address.' }
        { name: 'ClientKind', type: 'string', description: 'person, service, sync, bot.' }
        { name: 'UserAgent', type: 'string', description: 'User agent.' }
        { name: 'App', type: 'string', description: 'Acting application.' }
        { name: 'Feeds', type: 'dynamic', description: 'Which feeds saw it.' }
        { name: 'Truncated', type: 'string', description: 'Names of the columns whose text was cut at 64 KiB.' }
      ]
    }
  }
}

// Accepted invitations, as older scripts sent them.
resource table5 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = if (shareReport) {
  name: '${workspaceName}/MCAS_CL'
  properties: {
    plan: 'Analytics'
    retentionInDays: retentionInDays
    totalRetentionInDays: totalRetentionInDays
    schema: {
      name: 'MCAS_CL'
      columns: [
        { name: 'TimeGenerated', type: 'dateTime', description: 'When Defender stored it, else when it happened.' }
        { name: 'Description', type: 'string', description: 'Defender\'s ready-made text.' }
        { name: 'Operation', type: 'string', description: 'Defender\'s event category, else the audit operation.' }
        { name: 'Severity', type: 'string', description: 'Defender\'s severity.' }
        { name: 'Collaborator', type: 'string', description: 'Who accepted, as Defender names the user.' }
        { name: 'CreatedDateTime', type: 'string', description: 'When Defender stored it (else when it happened), YYYY-MM-DDThh:mm:ssZ.' }
        { name: 'UserId', type: 'string', description: 'UserId of the audit record.' }
        { name: 'ResolvedUser', type: 'string', description: 'Display name of the resolved actor.' }
        { name: 'UserKey', type: 'string', description: 'UserKey of the audit record.' }
        { name: 'SiteUrl', type: 'string', description: 'SiteUrl of the audit record.' }
        { name: 'SourceFileName', type: 'string', description: 'SourceFileName of the audit record.' }
        { name: 'SourceRelativeUrl', type: 'string', description: 'SourceRelativeUrl of the audit record.' }
        { name: 'FileUrl', type: 'string', description: 'Defender\'s description_metadata.target_object.' }
        { name: 'ObjectId', type: 'string', description: 'ObjectId of the audit record.' }
        { name: 'AccessLocation', type: 'string', description: 'Defender\'s location, as compact JSON text.' }
        { name: 'AppName', type: 'string', description: 'Defender\'s appName.' }
        { name: 'Truncated', type: 'string', description: 'Names of the columns whose text was cut at 64 KiB.' }
      ]
    }
  }
}

// Where rows arrive, if it has to be by private link.
resource dataCollectionEndpoint 'Microsoft.Insights/dataCollectionEndpoints@2023-03-11' = if (!empty(endpointName)) {
  name: endpoint
  location: location
  properties: {
    networkAcls: { publicNetworkAccess: endpointPublicAccess }
  }
}

// Where rows arrive, and which table each goes to. Of the kind Direct it has an endpoint of its own.
resource dataCollectionRule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: ruleName
  location: location
  kind: 'Direct'
  properties: {
    description: 'Rows of sharetrail'
    dataCollectionEndpointId: empty(endpointName) ? null : dataCollectionEndpoint.id
    streamDeclarations: shareReport ? union(streams, shareReportStreams) : streams
    destinations: {
      logAnalytics: [
        { name: 'workspace', workspaceResourceId: resourceId('Microsoft.OperationalInsights/workspaces', workspaceName) }
      ]
    }
    dataFlows: shareReport ? concat(flows, shareReportFlows) : flows
  }
  dependsOn: [
    table
    table2
    table3
    table4
    table5
  ]
}

// Monitoring Metrics Publisher, on this rule alone. It takes up to half an hour to work.
resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(principalId)) {
  scope: dataCollectionRule
  name: guid(dataCollectionRule.id, principalId, monitoringMetricsPublisher)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

@description('tenant.sink.logs_ingestion.endpoint')
output endpoint string = empty(endpointName) ? dataCollectionRule.properties.endpoints.logsIngestion : dataCollectionEndpoint.properties.logsIngestion.endpoint

@description('tenant.sink.logs_ingestion.dcr_immutable_id')
output dcrImmutableId string = dataCollectionRule.properties.immutableId

@description('tenant.sink.logs_ingestion.dcr_resource_id, for doctor')
output dcrResourceId string = dataCollectionRule.id

@description('tenant.sink.logs_ingestion.workspace_id, for doctor')
output workspaceId string = workspace.properties.customerId
