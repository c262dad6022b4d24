// Made from function.json by a test of sharetrail, which holds the two to each other. Change function.json.

metadata description = 'A Function app on Flex Consumption that runs sharetrail on a timer, with the storage account for its state and its package. The package is deploy/function with the program in it.'

@description('Region of all of it: one that offers Flex Consumption.')
param location string = resourceGroup().location

@minLength(2)
@maxLength(60)
@description('Name of the app: no other app anywhere may have it.')
param appName string = 'sharetrail-${uniqueString(resourceGroup().id)}'

@minLength(3)
@maxLength(24)
@description('Name of the storage account: no other account anywhere may have it.')
param storageName string = 'sharetrail${take(uniqueString(resourceGroup().id), 13)}'

@description('The managed identity of vault.json, in this resource group.')
param identityName string = 'sharetrail'

@description('When it works, in UTC: second, minute, hour, day, month, day of the week.')
param schedule string = '0 */5 * * * *'

@allowed([
  512
  2048
  4096
])
@description('Memory of an instance.')
param instanceMemoryMB int = 2048

@description('More app settings, by name, such as KeyVaultName.')
param settings object = {}

@secure()
@description('Where the host\'s log goes. Empty: nowhere.')
param applicationInsightsConnectionString string = ''

var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'

var identityId = resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', identityName)

var packages = 'packages'

var state = 'sharetrail'

var hostSettings = {
  AzureWebJobsStorage__accountName: storageName
  AzureWebJobsStorage__credential: 'managedidentity'
  SHARETRAIL_SCHEDULE: schedule
}

var insightsSettings = {
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
}

resource userAssignedIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

// Holds the state, the package and the host's leases. There are no keys to it: whoever comes has a role.
resource storageAccount 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: storageName
  location: location
  kind: 'StorageV2'
  sku: {
    name: 'Standard_ZRS'
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow' }
  }
}

// A state that was deleted or overwritten by somebody can be had back for a week.
resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  name: '${storageName}/default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 7 }
    containerDeleteRetentionPolicy: { enabled: true, days: 7 }
  }
  dependsOn: [
    storageAccount
  ]
}

// The package that the app runs.
resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  name: '${storageName}/default/${packages}'
  properties: {
    publicAccess: 'None'
  }
  dependsOn: [
    blobService
  ]
}

// The state: a blob for each tenant.
resource container2 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  name: '${storageName}/default/${state}'
  properties: {
    publicAccess: 'None'
  }
  dependsOn: [
    blobService
  ]
}

// Storage Blob Data Owner, which the host of Functions asks for, on this account alone.
resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storageAccount
  name: guid(storageAccount.id, identityName, storageBlobDataOwner)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataOwner)
    principalId: userAssignedIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

// Flex Consumption: paid for while it works.
resource serverfarm 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: appName
  location: location
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

// The app: our program as the custom handler of a timer. One instance works; a second finds the state under lease.
resource site 'Microsoft.Web/sites@2024-04-01' = {
  name: appName
  location: location
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: serverfarm.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storageAccount.properties.primaryEndpoints.blob}${packages}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      scaleAndConcurrency: { maximumInstanceCount: 40, instanceMemoryMB: instanceMemoryMB }
      runtime: { name: 'custom', version: '1.0' }
    }
    siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2', ftpsState: 'Disabled', http20Enabled: true }
  }
  dependsOn: [
    container
    container2
    roleAssignment
  ]
}

// What the app is told: who it is for its storage, when it works, and settings of your own.
resource config 'Microsoft.Web/sites/config@2024-04-01' = {
  name: '${appName}/appsettings'
  properties: union(hostSettings, { AzureWebJobsStorage__clientId: userAssignedIdentity.properties.clientId }, empty(applicationInsightsConnectionString) ? {} : insightsSettings, settings)
  dependsOn: [
    site
  ]
}

@description('Where the package goes')
output appName string = appName

@description('Where the state is')
output storageName string = storageName
