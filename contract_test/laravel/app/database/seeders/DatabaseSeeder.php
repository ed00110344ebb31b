<?php

namespace Database\Seeders;

use App\Models\ApiKey;
use App\Models\Contact;
use App\Models\Organization;
use Illuminate\Database\Seeder;
use Illuminate\Support\Facades\Storage;

class DatabaseSeeder extends Seeder
{
    public function run(): void
    {
        $acme = $this->organization('Acme', ['127.0.0.1', 'localhost', 'acme.localhost']);
        $acme->subscription()->create([
            'plan' => ['name' => 'business'],
            'status' => 'active',
            'limits' => [['name' => 'messages_per_month', 'value' => 1000000]],
        ]);
        // This tenant is empty, and has no subscription.
        $empty = $this->organization('Empty', ['127.0.0.2']);

        $numbers = [
            'ready' => ['+201001187188', 'active', 'active', 'Acme support'],
            'unverified' => ['+201001187189', 'active', 'pending_account_verification', null],
            'pending' => ['+201001187190', 'pending_verification', 'pending_verification', null],
            'suspended' => ['+201001187191', 'suspended', 'active', null],
            'rejected' => ['+201001187192', 'rejected', 'rejected', null],
            'removed' => ['+201001187193', 'removed', 'active', null],
        ];
        foreach ($numbers as [$phone, $status, $verification, $name]) {
            $acme->senderNumbers()->create([
                'phone' => $phone,
                'display_name' => $name,
                'status' => $status,
                'verification_status' => $verification,
                'verified_at' => $verification === 'active' ? now() : null,
            ]);
        }

        $contacts = [
            'reachable' => ['+201010000000', true, now()],
            'unreachable' => ['+201066666666', false, now()],
            'unverified' => ['+201077777777', true, null],
        ];
        foreach ($contacts as [$phone, $reachable, $verified]) {
            Contact::create(['phone' => $phone, 'is_reachable' => $reachable, 'verified_at' => $verified]);
        }

        $keys = ['all' => $this->key($acme, 'all', ['*'])];
        foreach (array_diff(ApiKey::SCOPES, ['*']) as $scope) {
            $keys[$scope] = $this->key($acme, $scope, [$scope]);
        }
        $keys['expired'] = $this->key($acme, 'expired', ['*'], ['expires_at' => now()->subDay()]);
        $keys['revoked'] = $this->key($acme, 'revoked', ['*'], ['status' => 'revoked']);
        $keys['empty'] = $this->key($empty, 'empty', ['*']);

        // For the script that starts the tenant; the database has only the hashes.
        Storage::put('seed.json', json_encode([
            'api_key' => $keys['all'],
            'sender_phone' => $numbers['ready'][0],
            'sender_number_id' => 1,
            'recipient_phone' => $contacts['reachable'][0],
            'keys' => $keys,
            'senders' => array_map(fn ($number) => $number[0], $numbers),
            'contacts' => array_map(fn ($contact) => $contact[0], $contacts) + ['unknown' => '+201099999999'],
        ]));
    }

    private function organization(string $name, array $hosts): Organization
    {
        $slug = strtolower($name);
        $organization = Organization::create([
            'name' => $name,
            'slug' => $slug,
            'status' => 'active',
            'billing_email' => "billing@$slug.example",
            'email_verified_at' => now(),
        ]);
        $organization->domains()->createMany(array_map(fn ($host) => ['host' => $host], $hosts));
        $organization->users()->create(['name' => 'Mona Adel', 'email' => "mona@$slug.example"]);

        return $organization;
    }

    private function key(Organization $organization, string $name, array $scopes, array $other = []): string
    {
        $plain = ApiKey::generate();
        $organization->apiKeys()->create($other + [
            'user_id' => $organization->users()->value('id'),
            'name' => $name,
            'prefix' => ApiKey::prefix($plain),
            'hash' => ApiKey::hash($plain),
            'scopes' => $scopes,
            'status' => 'active',
            'expires_at' => now()->addDays(90),
        ]);

        return $plain;
    }
}
