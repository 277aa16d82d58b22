namespace SoftIov.SystemTests.Bed;

/// <summary>All tests that boot virtual machines.</summary>
[CollectionDefinition(Name)]
public sealed class BedCollection : ICollectionFixture<BedFixture>
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "virtual machines";
}
