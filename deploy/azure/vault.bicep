// Made from vault.json by a test of sharetrail, which holds the two to each other. Change vault.json.

metadata description = 'Who sharetrail is in Azure, and where it keeps its secrets: a managed identity, a vault, and the right to read the vault\'s secrets.'

@description('Region of both.')
param location string = resourceGroup().location

@description('Name of the managed identity.')
param identityName string = 'sharetrail'

@minLength(3)
@maxLength(24)
@description('Name of the vault: no other vault anywhere may have it.')
param vaultName string = 'sharetrail-${uniqueString(resourceGroup().id)}'

@allowed([
  'enabled'
  'disabled'
])
@description('disabled: the vault is reached through private endpoints alone, which this template does not make.')
param publicNetworkAccess string = 'enabled'

@allowed([
  'Allow'
  'Deny'
])
@description('Deny: only the addresses below reach the vault. A Function app without a virtual network has no address of its own.')
param networkDefaultAction string = 'Allow'

@description('Addresses that reach the vault, such as { value: \'203.0.113.7/32\' }.')
param ipRules array = []

var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

// Who sharetrail is: it reads the vault, delivers, and in its own directory may collect.
resource userAssignedIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: identityName
  location: location
}

// Secrets of applications in other directories, and the token of Defender's portal.
resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: vaultName
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: publicNetworkAccess
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: networkDefaultAction
      ipRules: ipRules
      virtualNetworkRules: []
    }
  }
}

// Key Vault Secrets User: it reads secrets, and neither writes nor lists keys.
resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identityName, keyVaultSecretsUser)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
    principalId: userAssignedIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

@description('What references begin with: keyvault:<vaultUri>secrets/<name>')
output vaultUri string = vault.properties.vaultUri

@description('For the template of the Function app')
output identityResourceId string = userAssignedIdentity.id

@description('identity.client_id, with kind = managed_identity')
output clientId string = userAssignedIdentity.properties.clientId

@description('For roles: principalId of the template of delivery')
output principalId string = userAssignedIdentity.properties.principalId
